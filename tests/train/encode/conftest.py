from __future__ import annotations

import pytest

from shards.reader import ShardIndex
from tests.shards.made import make_root
from tests.train.encode.made import OBJECTS, STAGE


@pytest.fixture(scope="session")
def training_set(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Tables of six parts each, in several shards of two splits."""
    folder = str(tmp_path_factory.mktemp("to-encode"))
    make_root(folder, [f"obj{number}" for number in range(OBJECTS)], config=STAGE)
    index = ShardIndex(folder)
    keys = [key for split in index.splits() for key in index.keys(split)]
    assert len(index.splits()) == 2
    assert len({index.shard(key) for key in keys}) > 2
    return folder
