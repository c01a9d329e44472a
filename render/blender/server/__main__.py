"""With `bpy` as a module: `python -m render.blender.server DESCRIPTOR`."""

from __future__ import annotations

import sys

from render.blender.server.loop import main

if __name__ == "__main__":
    main(sys.argv[1:])
