"""Answers requests on a socket, one after another, until the other end is gone."""

from __future__ import annotations

import ctypes
import faulthandler
import json
import os
import resource
import signal
import socket
import sys
import traceback
from typing import Any

_PR_SET_PDEATHSIG = 1


def serve(descriptor: int, session: Any) -> None:
    """Call the session's methods as requests name them; an exception becomes the reply."""
    with socket.socket(fileno=descriptor) as connection, connection.makefile("rwb") as stream:
        for line in stream:
            request = json.loads(line)
            reply = {"id": request["id"], **_answer(session, request)}
            stream.write(json.dumps(reply).encode() + b"\n")
            stream.flush()


def _answer(session: Any, request: dict[str, Any]) -> dict[str, Any]:
    try:
        result = getattr(session, request["command"])(**request["arguments"])
    except Exception as error:  # noqa: BLE001  the reply carries it
        traceback.print_exc()
        sys.stderr.flush()
        return {"error": f"{type(error).__name__}: {error}", "traceback": traceback.format_exc()}
    return {"result": result}


def settle() -> None:
    """Leave a traceback on a crash and no core, and end with the process that started this one.

    The end of the pipe tells the same, but only between two requests.
    """
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def main(arguments: list[str]) -> None:
    """Serve Blender on the descriptor that the arguments name, then end without ceremony."""
    settle()
    descriptor = int(arguments[0])
    os.set_inheritable(descriptor, False)
    # Not before a crash of the import would leave a trace.
    from render.blender.server.session import Session

    serve(descriptor, Session())
    sys.stdout.flush()
    os._exit(0)  # what Blender does at its end may crash, and nothing is lost
