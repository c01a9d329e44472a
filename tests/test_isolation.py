from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import psutil
import pytest

from partworks.isolation import Child, Limits


def make_handler(greeting: str) -> Callable[[Any], Any]:
    """A handler that does what the payload says."""
    state = {"calls": 0}

    def handle(payload: Any) -> Any:
        state["calls"] += 1
        match payload:
            case "count":
                return state["calls"]
            case "greet":
                return greeting
            case "pid":
                return os.getpid()
            case "raise":
                raise ValueError("no good")
            case "crash":
                ctypes.string_at(0)
            case "hang":
                time.sleep(60)
            case "hang_in_native_code":
                ctypes.PyDLL(None).sleep(60)  # holds the interpreter lock
            case "allocate":
                return float(np.ones(1 << 33)[0])
            case "eat":
                hoard = [np.ones(1 << 20) for _ in range(100)]
                time.sleep(60)
                return len(hoard)
            case ("write", text):
                sys.stdout.write(text)
                sys.stdout.flush()
                sys.stderr.write(text)
                raise RuntimeError("after writing")
        return None

    return handle


def broken_factory() -> Callable[[Any], Any]:
    """A factory that cannot build its handler."""
    raise FileNotFoundError("weights.pt")


@pytest.fixture
def child() -> Iterator[Child]:
    made = Child("tests.test_isolation:make_handler", ("hello",), limits=Limits(memory_mb=400))
    yield made
    made.close()


def test_calls_share_one_process(child: Child) -> None:
    assert child.call("greet", deadline_s=20).value == "hello"
    assert child.call("count", deadline_s=20).value == 2
    assert child.call("pid", deadline_s=20).value == child.pid


def test_a_raise_keeps_the_process_and_its_traceback(child: Child) -> None:
    report = child.call("raise", deadline_s=20)
    assert (report.kind, report.message) == ("raised", "ValueError: no good")
    assert "Traceback" in report.stderr
    assert child.call("count", deadline_s=20).value == 2


@pytest.mark.parametrize(
    ("payload", "kind", "word"),
    [
        ("crash", "crashed", "SIGSEGV"),
        ("hang", "deadline", "1 s"),
        ("hang_in_native_code", "deadline", "1 s"),
        ("allocate", "memory", "allocation failed"),
        ("eat", "memory", "limit is 400 MiB"),
    ],
)
def test_the_worst_costs_one_call(child: Child, payload: str, kind: str, word: str) -> None:
    child.call("greet", deadline_s=20)
    first = child.pid
    report = child.call(payload, deadline_s=1)
    assert report.kind == kind
    assert word in report.message
    assert report.opened
    assert child.call("count", deadline_s=20).value == 1, "a fresh process answers"
    assert child.pid != first
    assert not psutil.pid_exists(first or 0)


def test_a_crash_leaves_where_it_happened(child: Child) -> None:
    report = child.call("crash", deadline_s=20)
    assert "Segmentation fault" in report.stderr
    assert "handle" in report.stderr


def test_the_tail_belongs_to_one_call(child: Child) -> None:
    first = child.call(("write", "first-words"), deadline_s=20)
    second = child.call(("write", "second-words"), deadline_s=20)
    assert first.stderr.startswith("first-wordsfirst-words")
    assert second.stderr.startswith("second-wordssecond-words"), "no hole, nothing of the first"


def test_a_long_tail_is_cut(child: Child) -> None:
    report = child.call(("write", "x" * 100_000), deadline_s=20)
    assert len(report.stderr) <= 4096
    assert report.stderr.endswith("RuntimeError: after writing")


def test_peak_memory_is_of_the_call(child: Child) -> None:
    small = child.call("greet", deadline_s=20).peak_memory
    assert 5 << 20 < small < 300 << 20


def test_a_factory_that_fails_is_no_call() -> None:
    child = Child("tests.test_isolation:broken_factory", (), limits=Limits(memory_mb=400))
    report = child.call("greet", deadline_s=20)
    assert not report.opened
    assert "weights.pt" in report.message
    child.close()


def test_the_child_ends_with_its_supervisor() -> None:
    script = (
        "from partworks.isolation import Child, Limits\n"
        "c = Child('tests.test_isolation:make_handler', ('x',), limits=Limits(memory_mb=400))\n"
        "print(c.call('pid', deadline_s=20).value, flush=True)\n"
        "c.call('hang_in_native_code', deadline_s=60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        pid = int(supervisor.stdout.readline())
        time.sleep(0.3)
        os.kill(supervisor.pid, signal.SIGKILL)
        supervisor.wait()
    deadline = time.monotonic() + 5
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.05)
    assert not psutil.pid_exists(pid)
