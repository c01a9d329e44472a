"""`kill -9` of the driver at random moments: a rerun makes up for it, and nothing is done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from partworks.ledger import Ledger
from partworks.stages import STAGES
from partworks.store import Store
from tests.trees import contents

WORDS = "toy:" + ",".join(["ok"] * 60)


def toy_run(root: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.toy_run", str(root), WORDS, "2", "0.15"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[bytes]) -> None:
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors.decode()[-2000:]


@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_a_killed_driver(tmp_path: Path, kills: int) -> None:
    finish(toy_run(tmp_path / "calm"))
    generator = np.random.default_rng(kills)
    for _ in range(kills):
        process = toy_run(tmp_path / "killed")
        time.sleep(generator.uniform(3.0, 9.0))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    finish(toy_run(tmp_path / "killed"))
    calm, killed = Store(str(tmp_path / "calm")), Store(str(tmp_path / "killed"))
    assert contents(killed) == contents(calm)
    for stage in ("make", "use"):
        rows = Ledger(killed).rows(stage, ["uid", "status"]).to_pylist()
        assert Counter(row["uid"] for row in rows) == Counter(
            row["uid"] for row in Ledger(calm).rows(stage, ["uid"]).to_pylist()
        ), "every object has exactly one row"
        assert {row["status"] for row in rows} == {"ok"}


def samples_run(root: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "partworks.cli", "run", "--root", str(root)]
    command += ["--source", "samples", "--render.size", "96"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_driver_of_the_real_stages_killed_ten_times(tmp_path: Path) -> None:
    finish(samples_run(tmp_path / "calm"))
    generator = np.random.default_rng(0)
    for _ in range(10):
        process = samples_run(tmp_path / "killed")
        time.sleep(generator.uniform(4.0, 16.0))
        process.kill()
        process.communicate()
    finish(samples_run(tmp_path / "killed"))
    calm, killed = Store(str(tmp_path / "calm")), Store(str(tmp_path / "killed"))
    assert contents(killed) == contents(calm)
    for stage in STAGES:
        rows = Ledger(killed).rows(stage, ["uid", "status"]).to_pylist()
        assert len(rows) == len({row["uid"] for row in rows}) >= 12, "every object has one row"
        assert {row["status"] for row in rows} == {"ok"}
