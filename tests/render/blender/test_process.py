"""Blender's process with a stand-in for Blender: what goes wrong, and what is said of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from partworks.errors import Failed
from render.blender.command import Command
from render.blender.process import BlenderProcess
from tests.render.blender import stand_in
from tests.render.blender.programs import TOP

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(TOP)}
WORDS = (sys.executable, "-m", stand_in.__name__)


@pytest.fixture
def process() -> Iterator[BlenderProcess]:
    made = BlenderProcess(Command(words=WORDS, environment=ENVIRONMENT), memory_mb=512)
    assert made.call("open", deadline_s=60, what="starting", device="cpu")["device"] == "cpu"
    yield made
    made.close()


def failure(process: BlenderProcess, command: str, **arguments: object) -> Failed:
    deadline_s = float(arguments.pop("deadline_s", 30.0))  # type: ignore[arg-type]
    with pytest.raises(Failed) as caught:
        process.call(command, deadline_s=deadline_s, what="testing view 3", **arguments)
    assert "testing view 3" in caught.value.message
    return caught.value


def test_results_come_back(process: BlenderProcess) -> None:
    for value in (None, 1.5, "ö\n", {"a": [1, 2]}, list(range(100_000))):
        assert process.call("echo", deadline_s=30, what="echoing", value=value) == value


def test_an_exception_is_a_reply_and_the_process_goes_on(process: BlenderProcess) -> None:
    error = failure(process, "fail")
    assert error.reason == "blender_error"
    assert "ValueError: a bad thing" in error.message
    assert "in fail" in error.stderr
    assert process.alive
    assert process.call("echo", deadline_s=30, what="echoing", value=1) == 1


def test_a_crash_leaves_its_last_words(process: BlenderProcess) -> None:
    error = failure(process, "crash")
    assert error.reason == "blender_crashed"
    assert "SIGSEGV" in error.message
    assert "the last words" in error.stderr
    assert "Segmentation fault" in error.stderr and "stand_in.py" in error.stderr
    assert error.message.splitlines()[-1] == error.stderr.splitlines()[-1]
    assert not process.alive


def test_an_exit_is_a_crash(process: BlenderProcess) -> None:
    error = failure(process, "exit")
    assert error.reason == "blender_crashed"
    assert "exit status 3" in error.message and error.message.endswith("no more")


def test_a_hang_ends_at_the_deadline(process: BlenderProcess) -> None:
    start = time.monotonic()
    error = failure(process, "hang", deadline_s=0.5)
    assert time.monotonic() - start < 20
    assert error.reason == "blender_hung"
    assert "0.5 s" in error.message and "still busy" in error.stderr
    assert not psutil.pid_exists(process.pid)


@pytest.mark.parametrize("said", ["Warning: something\n", '{"id": 77}\n'])
def test_garbage_on_the_pipe_is_a_crash(process: BlenderProcess, said: str) -> None:
    error = failure(process, "garble", said=said)
    assert error.reason == "blender_crashed"
    assert said[:8] in error.message
    assert not process.alive


def test_growth_ends_at_the_limit(process: BlenderProcess) -> None:
    process.call("grow", deadline_s=30, what="growing", megabytes=100)
    assert process.resident > 100 << 20
    with pytest.raises(Failed) as caught:
        for _ in range(20):
            process.call("grow", deadline_s=30, what="growing", megabytes=100)
    assert caught.value.reason == "blender_memory"
    assert "512 MiB" in caught.value.message
    assert not process.alive


def test_progress_is_kept_out_of_what_it_wrote(process: BlenderProcess) -> None:
    process.call("echo", deadline_s=30, what="echoing", value=1)
    assert "Fra:" not in failure(process, "exit").stderr


def test_a_kill_from_outside_is_named(process: BlenderProcess) -> None:
    os.kill(process.pid, signal.SIGKILL)
    error = failure(process, "echo", value=1)
    assert error.reason == "blender_crashed" and "SIGKILL" in error.message


def test_what_it_left_in_its_temporary_folder_goes_with_it(process: BlenderProcess) -> None:
    left = Path(process.call("litter", deadline_s=30, what="testing"))
    assert left.is_dir()
    with pytest.raises(Failed):
        process.call("crash", deadline_s=30, what="testing")
    assert not left.parent.exists()


def test_it_stays_in_the_group(process: BlenderProcess) -> None:
    assert os.getpgid(process.pid) == os.getpgid(0)


def test_a_program_that_starts_another_is_ended_whole() -> None:
    script = f'"{sys.executable}" -m {stand_in.__name__} "$0"; exit 1'
    made = BlenderProcess(
        Command(words=("/bin/sh", "-c", script), environment=ENVIRONMENT), memory_mb=512
    )
    made.call("open", deadline_s=60, what="starting", device="cpu")
    (server,) = psutil.Process(made.pid).children()
    made.call("grow", deadline_s=30, what="growing", megabytes=50)
    assert made.resident > 50 << 20
    made.close()
    server.wait(timeout=10)
    assert not server.is_running()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only the pipe's end tells")
def test_it_dies_with_its_parent_in_the_middle_of_a_call() -> None:
    code = (
        "import sys; from tests.render.blender.test_process import *\n"
        "made = BlenderProcess(Command(words=WORDS, environment=ENVIRONMENT), memory_mb=512)\n"
        "made.call('open', deadline_s=60, what='starting', device='cpu')\n"
        "sys.stdout.write(f'{made.pid}\\n'); sys.stdout.flush()\n"
        "made.call('hang', deadline_s=600, what='hanging')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    child.wait(timeout=10)
    assert not child.is_running()
