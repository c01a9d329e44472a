"""In which environment Blender is started."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.render.blender.programs import TOP

STARTS = """
import subprocess, sys
import bpy
from render.blender.command import make_command
child = [sys.executable, "-c", "import bpy; bpy.app.version"]
sys.exit(subprocess.run(child, env=make_command("").environment, check=False).returncode)
"""


def test_a_process_that_has_imported_the_module_can_start_another() -> None:
    """Blender puts half a package of its own name onto the path of whoever imports it."""
    environment = {**os.environ, "PYTHONPATH": str(TOP)}
    subprocess.run([sys.executable, "-c", STARTS], env=environment, check=True)
