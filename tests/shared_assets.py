"""Where the shared assets lie, for the tests that use them; they skip where there are none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_DEFAULT = Path(__file__).resolve().parents[2] / "shared"
_FOLDER = Path(os.environ.get("PARTWORKS_SHARED", _DEFAULT))

SHARED: Path | None = _FOLDER if (_FOLDER / "assets").is_dir() else None
requires_shared = pytest.mark.skipif(
    SHARED is None, reason="needs the shared assets (set PARTWORKS_SHARED to their folder)"
)


def shared(path: str) -> Path:
    """A file or folder below the shared assets."""
    assert SHARED is not None
    return SHARED / path
