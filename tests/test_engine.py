"""Whole runs over the toy stages, on a real local Ray."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from partworks import dataset, stages
from partworks.errors import UsageError
from partworks.ledger import Ledger
from partworks.pipeline import RunRequest, run
from partworks.progress import PlainDisplay
from partworks.records import Attempt
from partworks.stage import Resources
from partworks.stages import StageEntry
from partworks.store import Store
from partworks.worker import StageOpenError
from tests.toy_run import toy_settings
from tests.toy_stages import MakeConfig, UseConfig

pytestmark = pytest.mark.usefixtures("toys", "ray_of_two")


def request_for(root: Path | str, words: str, **settings: float) -> RunRequest:
    return RunRequest(
        store=Store(str(root)),
        settings=toy_settings(**settings),  # type: ignore[arg-type]
        source=f"toy:{words}",
        stages=["make", "use"],
    )


def rows(request: RunRequest, stage: str) -> dict[str, Attempt]:
    """The last attempt by the word that the object stands for."""
    attempts = Ledger(request.store).attempts(stage)
    return {attempt.uid.split("-")[1]: attempt for attempt in attempts}


def test_every_object_ends_in_a_row_and_the_run_goes_on(tmp_path: Path) -> None:
    words = "ok,reject,fail,raise,segfault,exit,hang,allocate,eat,fine"
    request = request_for(tmp_path, words)
    assert run(request, PlainDisplay())
    made = rows(request, "make")
    assert {word: (row.status, row.reason) for word, row in made.items()} == {
        "ok": ("ok", ""),
        "fine": ("ok", ""),
        "reject": ("rejected", "ugly"),
        "fail": ("failed", "flaky"),
        "raise": ("failed", "exception"),
        "segfault": ("failed", "crashed"),
        "exit": ("failed", "crashed"),
        "hang": ("failed", "deadline"),
        "allocate": ("failed", "memory_limit"),
        "eat": ("failed", "memory_limit"),
    }
    assert "last words" in made["raise"].stderr
    assert "before the fault" in made["segfault"].stderr
    assert made["segfault"].message.endswith("SIGSEGV")
    assert made["hang"].seconds == pytest.approx(4, abs=1.5)
    assert made["ok"].peak_memory > 1 << 20
    assert made["ok"].metrics == {"bytes": 32, "location": "ok"}
    assert made["segfault"].metrics == {"location": "segfault"}
    assert set(rows(request, "use")) == {"ok", "fine"}
    assert not (tmp_path / ".tmp").exists()


def test_a_rerun_does_what_is_missing_failed_or_stale_and_nothing_else(tmp_path: Path) -> None:
    request = request_for(tmp_path, "ok,fail,ok")
    run(request, PlainDisplay())
    longer = replace(request, source="toy:ok,fail,ok,ok")
    for _ in range(4):
        run(longer, PlainDisplay())
    per_uid = Counter(Ledger(request.store).rows("make", ["uid"])["uid"].to_pylist())
    assert per_uid == {"0000-ok": 1, "0001-fail": 3, "0002-ok": 1, "0003-ok": 1}
    other = replace(longer.settings, configs={"make": MakeConfig(), "use": UseConfig(suffix="?")})
    run(replace(longer, settings=other), PlainDisplay())
    assert Counter(Ledger(request.store).rows("make", ["uid"])["uid"].to_pylist()) == per_uid
    assert len(Ledger(request.store).rows("use")) == 6
    assert request.store.read("used/0000-ok.bin").endswith(b"?")


def test_files_that_a_new_attempt_does_not_make_go_away(tmp_path: Path) -> None:
    request = request_for(tmp_path, "ok,ok")
    run(request, PlainDisplay())
    assert request.store.exists("made/0000-ok.bin")
    ledger = Ledger(request.store)
    stages.STAGES["make"] = StageEntry("tests.toy_stages:RefuseAll", stages.STAGES["make"].config)
    run(replace(request, settings=toy_settings(size=64)), PlainDisplay())
    assert {attempt.status for attempt in ledger.attempts("make")} == {"rejected"}
    assert request.store.list("made") == []
    known = dataset.require(request.store)
    assert request.store.read("all.bin") == b"", "the data set is put together from what stands"
    assert [output.path for output in known.stages["use"].outputs] == ["all.bin"]


def test_a_stage_that_cannot_open_stops_the_run_and_blames_no_object(tmp_path: Path) -> None:
    stages.STAGES["use"] = StageEntry("tests.toy_stages:CannotOpen", stages.STAGES["use"].config)
    request = request_for(tmp_path, "ok,ok")
    with pytest.raises(StageOpenError, match=r"weights\.pt is not there"):
        run(request, PlainDisplay())
    assert len(Ledger(request.store).rows("use")) == 0
    assert len(Ledger(request.store).rows("make")) == 2


def test_a_worker_larger_than_the_cluster_is_a_usage_error(tmp_path: Path) -> None:
    request = request_for(tmp_path, "ok")
    greedy = {"make": Resources(cpus=64), "use": Resources()}
    settings = replace(request.settings, resources=greedy)
    with pytest.raises(UsageError, match=r"wants .*64.* lower"):
        run(replace(request, settings=settings), PlainDisplay())


def test_two_drivers_do_not_share_a_root(tmp_path: Path) -> None:
    request = request_for(tmp_path, "ok")
    lock = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        with pytest.raises(UsageError, match="another run is at work"):
            run(request, PlainDisplay())
    finally:
        os.close(lock)


def test_a_signal_ends_the_run_in_good_order(tmp_path: Path) -> None:
    request = request_for(tmp_path, ",".join(["ok"] * 200), pause_s=0.4)

    class Interrupting(PlainDisplay):
        def attempt(self, attempt: Attempt) -> None:
            super().attempt(attempt)
            if self._tally is not None and self._tally.done == 3:
                os.kill(os.getpid(), signal.SIGTERM)

    start = time.monotonic()
    assert not run(request, Interrupting())
    assert time.monotonic() - start < 30
    done = Ledger(request.store).attempts("make")
    assert 3 <= len(done) <= 7, "those at work end, those in the queue do not begin"
    assert {attempt.status for attempt in done} == {"ok"}
    assert len(request.store.list("made")) == len(done), "no file without its row"
    assert signal.getsignal(signal.SIGTERM) is not None


def test_a_killed_ray_worker_costs_no_object(tmp_path: Path) -> None:
    request = request_for(tmp_path, ",".join(["ok"] * 30), pause_s=0.1)
    killed: list[int] = []

    class Killing(PlainDisplay):
        def attempt(self, attempt: Attempt) -> None:
            super().attempt(attempt)
            if self._tally is not None and self._tally.done == 5:
                for process in psutil.Process().children(recursive=True):
                    with contextlib.suppress(psutil.Error):  # it may have ended by itself
                        if "ray::_attempt" in " ".join(process.cmdline()):
                            process.kill()
                            killed.append(process.pid)

    assert run(request, Killing())
    assert killed
    made = Ledger(request.store).rows("make").to_pylist()
    assert Counter(row["status"] for row in made) == {"ok": 30}
