from __future__ import annotations

from collections.abc import Iterator

import pytest

from render.blender.backend import BlenderBackend
from render.config import BlenderConfig


@pytest.fixture(scope="session")
def backend() -> Iterator[BlenderBackend]:
    """Blender with three suns, few samples and one thread."""
    config = BlenderConfig(samples=4, threads=1, device="cpu", restart_after=0)
    made = BlenderBackend(config, lighting="suns", layers=8, seed=0)
    yield made
    made.close()
