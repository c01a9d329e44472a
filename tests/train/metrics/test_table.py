from __future__ import annotations

import json

import pytest

from train.metrics.table import MetricTable

INF = float("inf")


def filled() -> MetricTable:
    table = MetricTable(conditions={"points": 1000})
    table.add("a", {"iou": 1.0, "chamfer": 0.2}, part="0")
    table.add("a", {"iou": 0.0, "chamfer": INF}, part="1")
    table.add("a", {"iou": 0.6, "chamfer": 0.1})
    table.add("b", {"iou": 0.8, "chamfer": 0.4}, part="0")
    table.add("b", {"iou": 0.2, "chamfer": 0.3})
    return table


def test_means_over_parts_objects_and_wholes() -> None:
    means = filled().means()
    assert means["parts"]["iou"].value == pytest.approx(0.6)
    assert means["parts_by_object"]["iou"].value == pytest.approx((0.5 + 0.8) / 2)
    assert means["whole"]["iou"].value == pytest.approx(0.4)
    assert [means[group]["iou"].count for group in means] == [3, 2, 2]


def test_infinite_distances_are_left_out_and_counted() -> None:
    means = filled().means()
    parts = means["parts"]["chamfer"]
    assert (parts.value, parts.count, parts.left_out) == (pytest.approx(0.3), 2, 1)
    assert means["parts_by_object"]["chamfer"].value == pytest.approx((0.2 + 0.4) / 2)
    lone = MetricTable(conditions={})
    lone.add("a", {"chamfer": INF}, part="0")
    for group in ("parts", "parts_by_object"):
        mean = lone.means()[group]["chamfer"]
        assert (mean.value, mean.count, mean.left_out) == (None, 0, 1)
    assert lone.means()["whole"]["chamfer"].left_out == 0


def test_the_text_states_conditions_counts_and_what_was_left_out() -> None:
    lines = filled().text().splitlines()
    assert lines[0] == "points 1000"
    assert lines[1].split() == ["parts", "parts_by_object", "whole"]
    assert lines[2].split() == ["iou", "0.6000", "0.6500", "0.4000"]
    assert lines[3].split() == ["chamfer", "0.3000", "(1", "infinite)", "0.3000", "0.2000"]
    assert lines[4].split() == ["count", "3", "2", "2"]
    assert len({len(line) for line in lines[1:]}) == 1


def test_json_holds_everything_and_is_plain() -> None:
    text = filled().to_json()
    assert text == filled().to_json()
    read = json.loads(text)
    assert read["conditions"] == {"points": 1000}
    assert read["means"]["parts"]["chamfer"] == {"mean": 0.3, "count": 2, "left_out": 1}
    assert read["rows"][1] == {"uid": "a", "part": "1", "iou": 0.0, "chamfer": None}
    assert read["rows"][2]["part"] is None
    assert len(read["rows"]) == 5


def test_last_digits_are_rounded_away() -> None:
    texts = []
    for value in (0.1 + 0.2, 0.3):
        table = MetricTable(conditions={})
        table.add("a", {"iou": value})
        texts.append(table.to_json())
    assert texts[0] == texts[1]


def test_an_empty_table_can_be_read() -> None:
    table = MetricTable(conditions={})
    assert table.text().splitlines()[-1].split() == ["count", "0", "0", "0"]
    assert json.loads(table.to_json())["rows"] == []


def test_rows_must_fit_and_be_new() -> None:
    table = filled()
    with pytest.raises(ValueError, match="expected the metrics iou, chamfer, found iou"):
        table.add("c", {"iou": 1.0})
    with pytest.raises(ValueError, match=r"a \(whole\) is in the table already"):
        table.add("a", {"iou": 1.0, "chamfer": 0.0})
