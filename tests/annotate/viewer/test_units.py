"""The viewer's own unit tests, run with Python's so that no run leaves them out."""

from __future__ import annotations

import subprocess

import pytest

from tests.annotate.viewer.built import VIEWER, ensure_built, npm

pytestmark = pytest.mark.browser


def test_the_units_of_the_viewer() -> None:
    ensure_built()
    done = subprocess.run(
        [*npm(), "test"], cwd=VIEWER, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
