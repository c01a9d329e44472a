"""A supervised child process for whatever touches foreign data.

A `Child` runs calls one after another in a process of its own. Whatever a call does (raise, hang in
native code, eat memory, crash the process), the supervisor survives and gets a `Report` with what
the child wrote to its error stream. The next call finds a fresh process where the last one died.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Literal

import psutil

from partworks.import_path import import_path

Kind = Literal["ok", "raised", "deadline", "memory", "crashed"]

STDERR_TAIL = 4096
OPEN_DEADLINE_S = 300.0
_POLL_S = 0.1
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a child may use: resident memory in MiB, threads of numeric libraries, virtual data.

    `cap_data` also limits the data segment (RLIMIT_DATA), so that one huge allocation raises
    MemoryError instead of reaching the machine; device drivers reserve more than they use, so a
    child with a GPU goes without.
    """

    memory_mb: int
    threads: int = 1
    cap_data: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a call ended.

    Attributes:
        kind: `ok`; `raised` (the call raised); `deadline`, `memory` (a limit was exceeded and the
            process was ended); `crashed` (the process died by itself).
        value: what the call returned, for `ok`.
        message: what happened, for people; empty for `ok`.
        stderr: the tail of what the child wrote to stdout and stderr during the call.
        seconds: wall time of the call.
        peak_memory: bytes of resident memory at the most, as far as it was seen.
        opened: whether the handler could be built; if not, the call was never made.
    """

    kind: Kind
    value: Any = None
    message: str = ""
    stderr: str = ""
    seconds: float = 0.0
    peak_memory: int = 0
    opened: bool = True


class Child:
    """A process that builds a handler once and then answers calls.

    Args:
        factory: `module:name` of a callable; it is called in the child with `arguments` and
            returns the handler, a callable of one argument.
        arguments: picklable arguments of the factory.
        limits: of the process.

    The child ends with its supervisor, even when that is killed.
    """

    def __init__(self, factory: str, arguments: tuple[Any, ...], *, limits: Limits) -> None:
        self._factory = factory
        self._arguments = arguments
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the child
        # The child appends, so that truncating the file between calls leaves no hole.
        fcntl.fcntl(self._log, fcntl.F_SETFL, fcntl.fcntl(self._log, fcntl.F_GETFL) | os.O_APPEND)

    @property
    def pid(self) -> int | None:
        """The process id of the running child."""
        return self._process.pid if self._process else None

    def call(self, payload: Any, *, deadline_s: float) -> Report:
        """Run the handler on `payload`, a picklable value, for at most `deadline_s` seconds."""
        os.ftruncate(self._log.fileno(), 0)
        if self._process is None:
            opened = self._start()
            if opened.kind != "ok":
                self.close()
                return dataclasses.replace(opened, opened=False)
        return self._exchange(("call", payload), deadline_s=deadline_s)

    def close(self) -> None:
        """End the process, at once."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _start(self) -> Report:
        ours, theirs = socket.socketpair()
        variables = {name: str(self._limits.threads) for name in _THREAD_VARIABLES}
        variables["PYTHONHASHSEED"] = "0"
        variables["PYTHONPATH"] = import_path()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "partworks.child", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                start_new_session=True,
                env={**os.environ, **variables},
            )
        self._connection = Connection(ours.detach())
        setup = (self._factory, self._arguments, self._limits, os.getpid())
        return self._exchange(setup, deadline_s=OPEN_DEADLINE_S)

    def _exchange(self, message: Any, *, deadline_s: float) -> Report:
        assert self._connection is not None
        start = time.monotonic()
        try:
            self._connection.send(message)
        except OSError:
            return self._ended("crashed", self._death(), start=start, peak=0)
        peak = 0
        while not self._answered():
            peak = max(peak, self._resident())
            elapsed = time.monotonic() - start
            if peak > self._limits.memory_mb << 20:
                used = f"used {peak >> 20} MiB, the limit is {self._limits.memory_mb} MiB"
                return self._ended("memory", used, start=start, peak=peak)
            if elapsed > deadline_s:
                late = f"not done after {deadline_s:g} s"
                return self._ended("deadline", late, start=start, peak=peak)
        return self._receive(start=start, peak=peak)

    def _answered(self) -> bool:
        assert self._connection is not None
        return self._connection.poll(_POLL_S)

    def _receive(self, *, start: float, peak: int) -> Report:
        assert self._connection is not None
        try:
            kind, value, message, seen = self._connection.recv()
        except (EOFError, OSError):
            return self._ended("crashed", self._death(), start=start, peak=peak)
        report = Report(
            kind=kind,
            value=value,
            message=message,
            stderr=self._tail() if kind != "ok" else "",
            seconds=time.monotonic() - start,
            peak_memory=max(peak, seen),
        )
        if kind == "memory":  # the heap of such a process is not to be trusted
            self.close()
        return report

    def _resident(self) -> int:
        assert self._process is not None
        try:
            return int(psutil.Process(self._process.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def _death(self) -> str:
        assert self._process is not None
        code = self._process.wait()
        if code < 0:
            return f"the worker process was ended by {signal.Signals(-code).name}"
        return f"the worker process ended with exit status {code}"

    def _ended(self, kind: Kind, message: str, *, start: float, peak: int) -> Report:
        self.close()
        return Report(
            kind=kind,
            message=message,
            stderr=self._tail(),
            seconds=time.monotonic() - start,
            peak_memory=peak,
        )

    def _tail(self) -> str:
        size = os.fstat(self._log.fileno()).st_size
        tail = os.pread(self._log.fileno(), STDERR_TAIL, max(0, size - STDERR_TAIL))
        return tail.decode("utf-8", errors="replace").strip()
