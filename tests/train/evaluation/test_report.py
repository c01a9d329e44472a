from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from partworks.errors import UsageError
from train.evaluation.page import page
from train.evaluation.report import columns, markdown, read_report


def tree(label: str, **tables: dict[str, float | None]) -> dict[str, Any]:
    """An evaluation whose tables have means over parts."""
    return {
        "label": label,
        "split": "test",
        "counts": {"objects": 2},
        "conditions": {"points": 10},
        "tables": {
            name: {
                "means": {
                    "parts": {
                        metric: {"mean": value, "count": 3, "left_out": int(value is None)}
                        for metric, value in metrics.items()
                    }
                }
            }
            for name, metrics in tables.items()
        },
    }


def test_a_column_for_each_and_a_dash_for_what_one_has_not() -> None:
    ours = tree("ours", object_frame={"iou": 0.5, "chamfer_summed": None}, boxes={"box_iou": 1.0})
    theirs = tree("theirs", object_frame={"iou": 0.25, "chamfer_summed": 0.125})
    assert columns([ours, theirs]) == [
        ("object_frame", "iou (part)", ["0.5000", "0.2500"]),
        ("object_frame", "chamfer_summed (part)", ["-", "0.1250"]),
        ("boxes", "box_iou (part)", ["1.0000", "-"]),
    ]
    text = markdown([ours, theirs])
    assert text.count("| | ours | theirs |") == 2
    assert "- theirs: split test, objects 2; points 10" in text


def test_a_page_says_the_same_and_escapes() -> None:
    html = page([tree("<b>", boxes={"box_iou": 0.75})], pictures={'a"b': 'objects/a"b.png'})
    assert "<td>box_iou (part)</td><td>0.7500</td>" in html
    assert "<b>" not in html
    assert 'src="objects/a&quot;b.png"' in html


@pytest.mark.parametrize("content", ["nonsense", "[]", '{"label": "x"}'])
def test_other_files_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "evaluation.json"
    path.write_text(content)
    with pytest.raises(UsageError, match="is no evaluation"):
        read_report(path)
    path.write_text(json.dumps(tree("fine")))
    assert read_report(path)["label"] == "fine"
