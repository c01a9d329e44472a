"""A small training set, made by hand."""

from __future__ import annotations

import dataclasses

import pytest

from shards.config import ShardsConfig
from tests.shards.made import SMALL, make_root

CONFIG: ShardsConfig = dataclasses.replace(SMALL, part_points=512, views=0, part_views=0)


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Seven tables to train on and one to validate on, six parts each."""
    folder = str(tmp_path_factory.mktemp("training-set"))
    make_root(folder, [f"obj{number}" for number in range(8)], config=CONFIG)
    return folder
