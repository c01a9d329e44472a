"""Fixtures of these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.annotate.server.scene import Scene


@pytest.fixture
def scene(database_url: str, tmp_path: Path) -> Iterator[Scene]:
    """A server on each of the databases."""
    found = Scene(database_url, tmp_path)
    yield found
    found.close()


@pytest.fixture
def small(migrated_file: Path, tmp_path: Path) -> Iterator[Scene]:
    """A server on SQLite, for what does not depend on the database."""
    path = tmp_path / "review.db"
    path.write_bytes(migrated_file.read_bytes())
    found = Scene(f"sqlite:///{path}", tmp_path)
    yield found
    found.close()
