from __future__ import annotations

import pytest

from tests.shards.made import make_root
from tests.train.encode.made import STAGE


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Tables of six boxes each, with meshes and fields."""
    folder = str(tmp_path_factory.mktemp("tables"))
    make_root(folder, [f"obj{number}" for number in range(8)], config=STAGE)
    return folder
