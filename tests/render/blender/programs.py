"""Stand-ins for Blender's program: shell scripts that take its flags."""

from __future__ import annotations

import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]

_CHECKED = """#!/bin/sh
[ "$1 $2 $3 $4 $5" = "--background --factory-startup --python-exit-code 1 --python" ] || exit 64
bootstrap=$6
[ "$7" = "--" ] || exit 65
shift 7
"""


def program(path: Path, command: str) -> str:
    """A program that checks its flags and then runs `command`, with "$@" what came after `--`."""
    path.write_text(f"{_CHECKED}{command}\n")
    path.chmod(0o755)
    return str(path)


def like_blender(path: Path) -> str:
    """Runs the bootstrap file, as Blender would, in this interpreter."""
    return program(path, f'exec "{sys.executable}" "$bootstrap" -- "$@"')


def running(path: Path, module: str) -> str:
    """Runs a module of the tests instead of the bootstrap file."""
    return program(path, f'cd "{TOP}" && exec "{sys.executable}" -m {module} "$@"')
