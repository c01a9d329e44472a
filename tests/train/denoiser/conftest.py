from __future__ import annotations

from pathlib import Path

import pytest

from tests.shards.made import make_root
from tests.train.denoiser.made import ENCODED, STAGE
from tests.train.encode.made import run
from train.quiet import REMARKS


@pytest.fixture(scope="session")
def training_set(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Tables of six parts each, with views, in two splits."""
    folder = str(tmp_path_factory.mktemp("with-views"))
    make_root(folder, [f"obj{number}" for number in range(8)], config=STAGE)
    return folder


@pytest.fixture(scope="session")
def latents(training_set: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Their latents by a small network, coarse pixels and vectors of words."""
    output = tmp_path_factory.mktemp("latents") / "out"
    run(training_set, output, **ENCODED)
    return str(output)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What Lightning remarks about choices made on purpose is no error here either."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            for remark in REMARKS:
                item.add_marker(pytest.mark.filterwarnings(f"ignore:{remark}"))
