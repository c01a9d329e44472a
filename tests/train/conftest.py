"""A small training set, made by hand."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from partworks.store import Store
from shards.config import ShardsConfig
from shards.reader import ShardIndex
from tests.shards.made import SMALL, make_root

CONFIG: ShardsConfig = dataclasses.replace(
    SMALL, points=dataclasses.replace(SMALL.points, part_points=512), views=0, part_views=0
)


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Seven tables to train on and one to validate on, six parts each."""
    folder = str(tmp_path_factory.mktemp("training-set"))
    make_root(folder, [f"obj{number}" for number in range(8)], config=CONFIG)
    return folder


@pytest.fixture
def damaged(root: str, tmp_path: Path) -> str:
    """The same training set, with the points of its third object overwritten."""
    original, copy = Store(root), Store(str(tmp_path / "damaged"))
    for path in original.list("shards"):
        copy.write(path, original.read(path))
    index = ShardIndex(root)
    place = index.locate(index.keys("train")[2], "points.npz")
    content = bytearray(original.read(f"shards/{place.shard}"))
    content[place.offset : place.offset + place.size] = bytes(place.size)
    copy.write(f"shards/{place.shard}", bytes(content))
    return str(tmp_path / "damaged")
