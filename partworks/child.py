"""The inside of `partworks.isolation.Child`: `python -m partworks.child FD`."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from partworks.isolation import Limits

_PR_SET_PDEATHSIG = 1
_DATA_HEADROOM = 1 << 30


def main(descriptor: int) -> None:
    """Answer calls on a connection until its other end is gone."""
    faulthandler.enable()
    connection = Connection(descriptor)
    factory, arguments, limits, supervisor = connection.recv()
    _die_with(supervisor)
    _limit(limits)
    handler: Callable[[Any], Any] | None = None

    def build(_: Any) -> None:
        nonlocal handler
        module, name = factory.split(":")
        handler = getattr(import_module(module), name)(*arguments)

    opened = _answer(build, None)
    connection.send(opened)
    while opened[0] == "ok":
        try:
            _, payload = connection.recv()
        except EOFError:
            return
        assert handler is not None
        connection.send(_answer(handler, payload))


def _answer(function: Callable[[Any], Any], payload: Any) -> tuple[str, Any, str, int]:
    _reset_peak()
    try:
        value = function(payload)
    except MemoryError as error:
        return "memory", None, f"an allocation failed {error}".strip(), _peak()
    except Exception as error:  # noqa: BLE001  the report carries it to the supervisor
        traceback.print_exc()
        sys.stderr.flush()
        return "raised", None, f"{type(error).__name__}: {error}", _peak()
    return "ok", value, "", _peak()


def _die_with(supervisor: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != supervisor:  # it died before we asked
        os._exit(1)


def _limit(limits: Limits) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if limits.cap_data:
        cap = (limits.memory_mb << 20) + _DATA_HEADROOM
        resource.setrlimit(resource.RLIMIT_DATA, (cap, cap))


def _reset_peak() -> None:
    if sys.platform == "linux":
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    if sys.platform == "linux":
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


if __name__ == "__main__":
    main(int(sys.argv[1]))
