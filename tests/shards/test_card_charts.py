from __future__ import annotations

import pytest

from shards.card_charts import charts, pictures
from shards.card_counts import Card
from tests.shards.made_shards import make_record


def card_of(*records: dict) -> Card:
    card = Card(name="made", version=3)
    for record in records:
        card.add(record)
    return card


def test_every_object_and_part_is_in_its_chart() -> None:
    card = card_of(*(make_record(f"o{n}", parts=1 + n % 9) for n in range(40)))
    found = dict(charts(card))
    totals = {name: sum(bar.count for bar in chart.bars) for name, chart in found.items()}
    parts = card.parts.total()
    assert totals == {
        "parts-per-object": 40, "part-area": parts, "part-size": parts, "licences": 40,
    }  # fmt: skip


@pytest.mark.parametrize("most", [40, 41, 255])
def test_wide_ranges_are_grouped(most: int) -> None:
    card = card_of(make_record("a", parts=1), make_record("b", parts=most))
    chart = dict(charts(card))["parts-per-object"]
    assert len(chart.bars) <= 41
    assert [chart.bars[0].count, chart.bars[-1].count] == [1, 1]


def test_rare_licences_are_summed_up() -> None:
    records = [make_record(f"o{n}", licence=f"licence {n:02d}") for n in range(30)]
    bars = dict(charts(card_of(*records)))["licences"].bars
    assert len(bars) == 12
    assert bars[-1].label == "19 others"
    assert sum(bar.count for bar in bars) == 30


def test_one_licence_in_two_spellings_is_one() -> None:
    card = card_of(make_record("a", licence="cc-by-4.0"), make_record("b", licence="CC-BY-4.0"))
    assert [bar.label for bar in dict(charts(card))["licences"].bars] == ["CC-BY-4.0"]


def test_missing_signs_say_so() -> None:
    field = {"parts": ["closed", "sheet"], "object": "open", "truncation": 0.1}
    chart = dict(charts(card_of(make_record(field=field))))["signs"]
    assert {bar.label for bar in chart.bars} == {"closed", "none: sheet"}
    assert chart.summary.startswith("1 of 2 parts")


def test_nothing_is_drawn_of_nothing() -> None:
    assert list(pictures(card_of())) == []
