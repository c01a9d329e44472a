"""Fixtures for the whole suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import ray

from partworks import pipeline, stages
from tests.toy_stages import TOYS


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The table of stages holds two toys, and the source is a toy."""
    real = dict(stages.STAGES)
    stages.STAGES.clear()
    stages.STAGES.update(TOYS)
    monkeypatch.setattr(pipeline, "SOURCES", "tests.toy_stages:ToySource")
    yield
    stages.STAGES.clear()
    stages.STAGES.update(real)


@pytest.fixture(autouse=True)
def _no_ray_left() -> Iterator[None]:
    yield
    if ray.is_initialized():
        ray.shutdown()
