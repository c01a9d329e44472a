from __future__ import annotations

import json
from typing import Any

import pytest

from partworks.partverse.facts import ORIGIN, Facts, origin_of

FACTS = Facts(
    geometry_hash="ab", part_names=("top", "leg"), part_source="ada",
    captions={"captioner": "template"}, origin={"licence": "MIT", "tags": ["oak"]},
)  # fmt: skip


def test_they_come_back() -> None:
    assert Facts.from_bytes(FACTS.to_bytes()) == FACTS


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2},
        {"part_names": "top"},
        {"part_names": [1]},
        {"part_names": ["x" * 3000]},
        {"part_source": None},
        {"geometry_hash": 3},
        {"captions": []},
        {"origin": None},
    ],
)
def test_anything_else_is_named(changes: dict[str, Any]) -> None:
    table = {**json.loads(FACTS.to_bytes()), **changes}
    with pytest.raises(ValueError, match=r"must be|expected"):
        Facts.from_bytes(json.dumps(table).encode())


def test_entries_that_nobody_asked_for_stay_behind() -> None:
    table = json.loads(FACTS.to_bytes())
    table["origin"] = {"licence": "MIT", "tags": "oak", "creator": 3, "uid": "x"}
    assert Facts.from_bytes(json.dumps(table).encode()).origin == {"licence": "MIT"}


def test_an_object_says_where_it_comes_from() -> None:
    extras = {"name": "Chair", "licence": "MIT", "tags": [], "to_source": [1], "creator": ""}
    assert origin_of(extras) == {"name": "Chair", "licence": "MIT"}
    assert set(origin_of(dict.fromkeys(ORIGIN, "x"))) == set(ORIGIN)
