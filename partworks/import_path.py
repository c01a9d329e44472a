"""Where a child process is to find the packages that this process finds."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def import_path() -> str:
    """The PYTHONPATH of a child that finds what this process finds, however that was started.

    Folders that Blender's module has added for itself stay out: there lies half of a package of the
    module's name, and the other half is there only once Blender has started.
    """
    return os.pathsep.join(entry or os.curdir for entry in sys.path if not _is_blenders(entry))


def _is_blenders(entry: str) -> bool:
    parts = Path(entry).parts
    return "bpy" in parts and "scripts" in parts[parts.index("bpy") :]
