"""Fixtures for the whole suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from partworks import cluster, pipeline, stages
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


@pytest.fixture(scope="module")
def ray_of_two() -> Iterator[None]:
    """A local Ray with two CPUs, kept from test to test because it takes seconds to start."""
    with cluster.session(None, workers=2):
        yield
