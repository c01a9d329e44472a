"""Blender's process: started, asked, watched, and ended when it hangs, grows or dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import tempfile
import time
from typing import Any, Literal

import psutil

from partworks.errors import Failed
from render.blender.channel import Channel, Garbled, Gone
from render.blender.command import Command

Reason = Literal["blender_crashed", "blender_hung", "blender_memory", "blender_error"]

STDERR_TAIL = 4096
MESSAGE_LINES = 4
NOISE = ("Fra:", "Extension modules:")
_POLL_S = 0.1


class BlenderProcess:
    """One process that runs `render.blender.server`, alive from the first call to `close`.

    It stays in the process group of this one, so that whoever ends the group ends both, and ends by
    itself when this one dies.

    Args:
        command: what to run.
        memory_mb: resident memory in MiB that it may use.
    """

    def __init__(self, command: Command, *, memory_mb: int) -> None:
        self._memory = memory_mb << 20
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the process
        # The child appends, so that truncating the file between calls leaves no hole.
        fcntl.fcntl(self._log, fcntl.F_SETFL, fcntl.fcntl(self._log, fcntl.F_GETFL) | os.O_APPEND)
        # Blender leaves its own folder of temporary files behind when it is killed.
        self._folder = tempfile.TemporaryDirectory(prefix="partworks-blender-")
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [*command.words, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                env={**command.environment, "TMPDIR": self._folder.name},
            )
        self._channel = Channel(ours)
        self._members = [psutil.Process(self._process.pid)]
        self.alive = True

    @property
    def pid(self) -> int:
        """The process id; of the program that was started, where that starts another."""
        return self._process.pid

    @property
    def resident(self) -> int:
        """Bytes of resident memory."""
        total = 0
        for member in self._members:
            with contextlib.suppress(psutil.Error):
                total += member.memory_info().rss
        return total

    def call(self, command: str, *, deadline_s: float, what: str, **arguments: Any) -> Any:
        """The result of a command.

        Args:
            command: a method of `render.blender.server.session.Session`.
            deadline_s: seconds that it may take.
            what: what Blender is doing, for messages.
            arguments: JSON values.

        Raises:
            Failed: with a `Reason`; after any but `blender_error` the process is no more.
        """
        assert self.alive
        try:
            self._channel.send(command, arguments)
            reply = self._wait(deadline_s, what)
        except Gone:
            raise self._failed("blender_crashed", f"{self._death()} while {what}") from None
        except Garbled as error:
            said = f"Blender's process answered {error} while {what}"
            raise self._failed("blender_crashed", said) from None
        os.ftruncate(self._log.fileno(), 0)  # not before the first call: it may be dead already
        if "error" in reply:
            message = f"Blender said {reply['error']} while {what}"
            raise Failed("blender_error", message, stderr=reply["traceback"])
        if command == "open":
            self._find_members()
        return reply["result"]

    def close(self) -> None:
        """End the process, at once."""
        self.alive = False
        self._channel.close()
        self._find_members()
        for member in reversed(self._members):
            with contextlib.suppress(psutil.Error):
                member.kill()
        self._process.wait()
        self._folder.cleanup()

    def _wait(self, deadline_s: float, what: str) -> dict[str, Any]:
        until = time.monotonic() + deadline_s
        while (reply := self._channel.poll(_POLL_S)) is None:
            if (used := self.resident) > self._memory:
                raise self._failed(
                    "blender_memory",
                    f"Blender used {used >> 20} MiB while {what}; the limit, `memory_mb`, is "
                    f"{self._memory >> 20} MiB",
                )
            if time.monotonic() > until:
                raise self._failed(
                    "blender_hung", f"Blender was not done after {deadline_s:g} s while {what}"
                )
        return reply

    def _find_members(self) -> None:
        """A program that starts Blender as a child of its own has it counted and ended too."""
        with contextlib.suppress(psutil.Error):
            self._members[1:] = self._members[0].children(recursive=True)

    def _death(self) -> str:
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return "Blender's process hung up"
        if code < 0:
            return f"Blender's process was ended by {signal.Signals(-code).name}"
        return f"Blender's process ended with exit status {code}"

    def _failed(self, reason: Reason, message: str) -> Failed:
        """The error, once the process is ended and its last words are read."""
        self.close()
        tail = self._tail()
        last = "\n".join(tail.splitlines()[-MESSAGE_LINES:])
        return Failed(reason, f"{message}\n{last}".strip(), stderr=tail)

    def _tail(self) -> str:
        size = os.fstat(self._log.fileno()).st_size
        tail = os.pread(self._log.fileno(), STDERR_TAIL, max(0, size - STDERR_TAIL))
        lines = tail.decode("utf-8", errors="replace").splitlines()
        # Progress reports, dozens a view, and what a fault handler lists below its traceback.
        return "\n".join(line for line in lines if not line.startswith(NOISE)).strip()
