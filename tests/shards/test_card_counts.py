from __future__ import annotations

from collections import Counter

import pytest

from shards.card_counts import Card, digest, median
from tests.shards.made_shards import make_part, make_record


def card_of(*records: dict, **fields: object) -> Card:
    card = Card(name="made", version=3, **fields)  # type: ignore[arg-type]
    for record in records:
        card.add(record)
    return card


def test_objects_parts_and_families_by_split() -> None:
    card = card_of(
        make_record("a", parts=3, family="f"),
        make_record("b", parts=1, family="f"),
        make_record("c", parts=2, split="test"),
    )
    assert card.objects == {"train": 2, "test": 1}
    assert card.parts == {"train": 4, "test": 2}
    assert (card.family_count("train"), card.family_count("test"), card.family_count()) == (1, 1, 2)
    assert card.splits == ["train", "test"]
    assert card.leaks == {}


def test_a_family_in_two_splits_is_a_leak() -> None:
    card = card_of(make_record("a", family="f"), make_record("b", family="f", split="val"))
    assert card.leaks == {"f": ["train", "val"]}
    assert card.family_count() == 1


def test_signs_are_counted_by_part_and_by_object() -> None:
    field = {"parts": ["closed", "sheet"], "object": "open", "truncation": 0.1}
    card = card_of(make_record("a", field=field), make_record("b"))
    assert card.signs == {"closed": 1, "sheet": 1}
    assert card.object_signs == {"open": 1}
    assert card.without_field == 1


@pytest.mark.parametrize(("area", "place"), [(1.0, 0), (0.999, -1), (10.0, 4), (0.0, -40)])
def test_areas_fall_into_bins_of_a_quarter_of_a_power(area: float, place: int) -> None:
    assert card_of(make_record(parts=0) | {"parts": [make_part(area=area)]}).areas == {place: 1}


@pytest.mark.parametrize(("scale", "place"), [(0.01, 0), (0.5, 10), (0.999, 19), (1.0, 19)])
def test_sides_fall_into_twenty_bins(scale: float, place: int) -> None:
    assert card_of(make_record(parts=0) | {"parts": [make_part(scale=scale)]}).sides == {place: 1}


def test_words_of_strangers_are_cleaned_before_they_are_counted() -> None:
    card = card_of(
        make_record(licence="mine\n\x00", categories=["chair", "chair", "x" * 500]),
        make_record(licence="mine \N{REPLACEMENT CHARACTER}", categories="chair"),
    )
    assert card.licences == {"mine \N{REPLACEMENT CHARACTER}": 2}
    assert card.categories["chair"] == 2
    assert max(map(len, card.categories)) == 120


def test_the_segmenter_is_that_of_the_root() -> None:
    stages = {"segment": {"version": 1, "settings": {"method": "sam2"}}}
    assert card_of(make_record(), stages=stages).makers["segmenter"] == {"sam2": 1}
    assert "segmenter" not in card_of(make_record()).makers


def test_digests_tell_settings_apart_and_ignore_their_order() -> None:
    assert digest({"a": 1, "b": (1, 2)}) == digest({"b": [1, 2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_the_median_is_the_lower_one() -> None:
    assert median(Counter({1: 2, 5: 2})) == 1
    assert median(Counter({1: 1, 5: 2})) == 5
    with pytest.raises(ValueError, match="nothing"):
        median(Counter())
