"""Requests and replies over one end of a socket, a JSON object a line."""

from __future__ import annotations

import json
import select
import socket
from typing import Any

LONGEST = 1 << 20
"""Bytes of a reply; the longest are tracebacks."""

SEND_S = 30.0
"""Seconds for a request to be taken; the other end does nothing else then."""


class Garbled(Exception):
    """What came back is no reply to the request."""


class Gone(Exception):
    """The other end is closed."""


class Channel:
    """One request at a time, by number, so that a late reply is not taken for the next one's."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._connection.settimeout(SEND_S)
        self._received = b""
        self._id = 0

    def send(self, command: str, arguments: dict[str, Any]) -> None:
        """Send a request; Gone if nobody reads it."""
        self._id += 1
        request = {"id": self._id, "command": command, "arguments": arguments}
        try:
            self._connection.sendall(json.dumps(request).encode() + b"\n")
        except OSError as error:
            raise Gone from error

    def poll(self, seconds: float) -> dict[str, Any] | None:
        """The reply, or None when it has not come after some seconds; Gone or Garbled."""
        readable, _, _ = select.select([self._connection], [], [], seconds)
        if not readable:
            return None
        try:
            received = self._connection.recv(1 << 16)
        except OSError as error:
            raise Gone from error
        if not received:
            raise Gone
        self._received += received
        line, end, rest = self._received.partition(b"\n")
        if not end:
            if len(line) > LONGEST:
                raise Garbled(_start(line))
            return None
        self._received = rest
        return self._understood(line)

    def close(self) -> None:
        """Tell the other end that nothing more comes."""
        self._connection.close()

    def _understood(self, line: bytes) -> dict[str, Any]:
        try:
            reply = json.loads(line)
        except ValueError as error:
            raise Garbled(_start(line)) from error
        if not isinstance(reply, dict) or reply.get("id") != self._id:
            raise Garbled(_start(line))
        return reply


def _start(line: bytes) -> str:
    return repr(line[:80].decode("utf-8", errors="replace"))
