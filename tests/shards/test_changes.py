from __future__ import annotations

from typing import Any

import pytest

from shards.changes import _OF_THE_JSON, REASONS, reasons
from tests.shards.made_shards import make_part, make_record


def why(changes: dict[str, Any], *members: str) -> tuple[str, ...]:
    return reasons(make_record(), make_record() | changes, members=members)


@pytest.mark.parametrize(
    ("changes", "members", "expected"),
    [
        ({"geometry_hash": "01"}, ["points.npz", "object.00.webp"], ("geometry",)),
        ({"captions": {"short": "other"}}, ["json"], ("captions",)),
        ({"cameras": {"object": {}}}, [], ("views",)),
        ({}, ["part00.01.webp", "object.00.depth.png"], ("views",)),
        ({}, ["points.npz"], ("points",)),
        ({}, ["field.npz", "grid.npz"], ("field", "grid")),
        ({"field": {"parts": []}}, [], ("field",)),
        ({"split": "val", "family": "z"}, ["json"], ("split", "family")),
        ({"licence": "MIT"}, [], ("licence",)),
        ({"attribution": "someone"}, [], ("licence",)),
        ({"location": "moved"}, [], ("source",)),
        ({"made_by": {"parts": "ann"}}, [], ("makers",)),
        ({"format": 3}, [], ("format",)),
        ({"statistics": {"points": {}}}, [], ("measures",)),
        ({"something_new": 1}, [], ("measures",)),
        ({}, [], ()),
    ],
)
def test_reasons(changes: dict[str, Any], members: list[str], expected: tuple[str, ...]) -> None:
    assert why(changes, *members) == expected


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"caption_short": "other"}, ("captions",)),
        ({"name": "other"}, ("parts",)),
        ({"labels": [7]}, ("parts",)),
        ({"face_count": 13}, ("parts",)),
        ({"area": 0.6}, ("measures",)),
    ],
)
def test_reasons_of_parts(part: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert why({"parts": [make_part(0, **part), make_part(1)]}) == expected


def test_another_number_of_parts() -> None:
    assert why({"parts": [make_part(0)], "part_count": 1}, "points.npz") == ("parts",)


def test_words_change_beside_the_mesh() -> None:
    assert why({"geometry_hash": "01", "captions": {}, "split": "val"}) == (
        "geometry", "captions", "split",
    )  # fmt: skip


def test_every_reason_has_a_meaning() -> None:
    assert set(_OF_THE_JSON.values()) <= set(REASONS)
    assert all(REASONS.values())
