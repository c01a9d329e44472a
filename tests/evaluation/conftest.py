"""A small root and an empty folder for truth."""

from __future__ import annotations

from pathlib import Path

import pytest

from partworks.store import Store
from tests.evaluation.roots import small_root


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return small_root(tmp_path / "root")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "truth"
    made.mkdir()
    return made
