"""With a Blender program: `blender --background … --python bootstrap.py -- DESCRIPTOR`."""

from __future__ import annotations

import sys
from pathlib import Path


def run() -> None:
    """Find the project and serve; what else lies in its folder must not hide Blender's own."""
    sys.path.append(str(Path(__file__).resolve().parents[3]))
    from render.blender.server.loop import main

    main(sys.argv[sys.argv.index("--") + 1 :])


if __name__ == "__main__":
    run()
