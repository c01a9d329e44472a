"""A server without Blender, which does what it is told to: `python -m … [BEHAVIOUR] DESCRIPTOR`."""

from __future__ import annotations

import ctypes
import os
import sys
import tempfile
import time
from typing import Any

from render.blender.server.loop import serve, settle


class StandIn:
    """Commands that go well, and commands that do not."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._kept: list[bytes] = []

    def open(self, *, device: str) -> dict[str, str]:
        return {"version": os.environ.get("STAND_IN_VERSION", "4.5.0"), "device": device}

    def echo(self, *, value: Any) -> Any:
        print("Fra:1 Mem:1M progress", flush=True)  # noqa: T201
        return value

    def litter(self) -> str:
        return tempfile.mkdtemp(prefix="blender_")

    def fail(self) -> None:
        raise ValueError("a bad thing")

    def crash(self) -> None:
        sys.stderr.write("the last words\n")
        ctypes.string_at(0)

    def exit(self) -> None:
        sys.stderr.write("no more\n")
        sys.stderr.flush()
        os._exit(3)

    def hang(self) -> None:
        sys.stderr.write("still busy\n")
        while True:
            time.sleep(1)

    def garble(self, *, said: str) -> None:
        os.write(self._descriptor, said.encode())
        time.sleep(60)

    def grow(self, *, megabytes: int) -> None:
        self._kept.append(b"x" * (megabytes << 20))
        time.sleep(0.3)  # long enough to be seen

    def clear(self) -> None:
        if os.environ.get("STAND_IN_CLEAR") == "fail":
            raise ValueError("nothing to clear with")


def main(arguments: list[str]) -> None:
    settle()
    *behaviour, descriptor = arguments
    if behaviour == ["never"]:
        time.sleep(60)
    if behaviour == ["broken"]:
        raise ImportError("No module named 'bpy'")
    serve(int(descriptor), StandIn(int(descriptor)))


if __name__ == "__main__":
    main(sys.argv[1:])
