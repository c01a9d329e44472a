"""How Blender is started: a program of the user's, or the `bpy` module in this interpreter."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from partworks.import_path import import_path

BOOTSTRAP = Path(__file__).with_name("server") / "bootstrap.py"


class BlenderStartError(Exception):
    """Blender cannot be started; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run, before the number of the descriptor is appended, and in which environment."""

    words: tuple[str, ...]
    environment: Mapping[str, str]


def make_command(executable: str) -> Command:
    """The command for a Blender program, by path or name, or for the module when it is empty.

    Raises:
        BlenderStartError: there is no such program.
    """
    if not executable:
        return Command(
            words=(sys.executable, "-m", "render.blender.server"),
            environment={**os.environ, "PYTHONPATH": import_path(), "PYTHONHASHSEED": "0"},
        )
    program = shutil.which(executable)
    if program is None:
        raise BlenderStartError(
            f"There is no program {executable} to start Blender with. Set `blender.executable` to "
            "the path of Blender's program, or leave it empty to use the bpy module."
        )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return Command(
        words=(
            program,
            *("--background", "--factory-startup", "--python-exit-code", "1"),
            *("--python", str(BOOTSTRAP), "--"),
        ),
        environment=kept,
    )
