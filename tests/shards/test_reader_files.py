from __future__ import annotations

import uuid
from pathlib import Path

import fsspec
import numpy as np
import pytest

from shards.reader import Location
from shards.reader.files import MAX_GAP, Files, _spans

CONTENT = {name: np.random.default_rng(seed).bytes(300_000) for seed, name in enumerate("ab")}
PLACES = [
    Location(shard="b", offset=10, size=100),
    Location(shard="a", offset=250_000, size=50_000),
    Location(shard="a", offset=0, size=1000),
    Location(shard="a", offset=1200, size=0),
    Location(shard="a", offset=500, size=1000),
    Location(shard="b", offset=299_000, size=5000),
    Location(shard="b", offset=310_000, size=5),
    Location(shard="missing", offset=0, size=5),
]
EXPECTED = [
    None if place.shard == "missing" else CONTENT[place.shard][place.offset : place.stop]
    for place in PLACES
]


@pytest.fixture(params=["local", "memory"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    url = str(tmp_path) if request.param == "local" else f"memory://{uuid.uuid4().hex}"
    for name, content in CONTENT.items():
        with fsspec.open(f"{url}/{name}", "wb") as stream:
            stream.write(content)
    return url


def test_places_come_in_the_order_asked_cut_off_at_the_end_of_the_file(url: str) -> None:
    assert Files(url).read(PLACES) == EXPECTED


def test_spans_cover_every_place_once_and_join_near_ones() -> None:
    spans = list(_spans(PLACES))
    assert sorted(row for _, rows in spans for row in rows) == list(range(len(PLACES)))
    for span, rows in spans:
        for row in rows:
            place = PLACES[row]
            assert place.shard == span.shard
            assert span.offset <= place.offset
            assert place.stop <= span.stop
    assert [(span.shard, span.offset, span.size) for span, _ in spans[:2]] == [
        ("a", 0, 1500), ("a", 250_000, 50_000),
    ]  # fmt: skip
    assert len(spans) == 5


def test_nothing_far_off_is_read_in_vain() -> None:
    apart = [Location(shard="a", offset=k * (MAX_GAP + 101), size=100) for k in range(5)]
    assert sum(span.size for span, _ in _spans(apart)) == 500
