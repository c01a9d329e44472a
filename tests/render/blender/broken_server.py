"""The real server, with a Blender that cannot stand some meshes: `python -m … DESCRIPTOR`."""

from __future__ import annotations

import ctypes
import sys
import time
from typing import Any

from render.blender.server.loop import serve, settle

CRASHES_AT, HANGS_AT, FAILS_AT = 7, 11, 13
"""Vertices of the mesh that does it."""


def main(descriptor: int) -> None:
    settle()
    from render.blender.server.session import Session

    class Broken(Session):
        def shoot(self, **arguments: Any) -> None:
            counts = {len(piece.data.vertices) for piece in self._pieces}
            if CRASHES_AT in counts:
                ctypes.string_at(0)
            while HANGS_AT in counts:
                time.sleep(1)
            if FAILS_AT in counts:
                raise RuntimeError("Blender does not like it")
            super().shoot(**arguments)

    serve(descriptor, Broken())


if __name__ == "__main__":
    main(int(sys.argv[1]))
