from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from partworks.import_path import import_path


def test_packages_are_found_where_this_process_finds_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blenders = tmp_path / "site-packages" / "bpy" / "4.5" / "scripts" / "modules"
    other = tmp_path / "scripts" / "modules"
    monkeypatch.setattr(sys, "path", ["", str(blenders), str(other)])
    assert import_path().split(os.pathsep) == [os.curdir, str(other)]
