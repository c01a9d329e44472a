"""Runs `python -m train` in this process or as a program, and reads what it leaves."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import lightning
import pytest
import torch
from lightning.pytorch.callbacks import Callback

from train.cli import main

SOURCE = Path(__file__).resolve().parents[2]
CONFIG = str(SOURCE / "tests/train/small.yaml")

# What is about a run's place or speed, and not about what it computes.
_OF_THE_RUN = ("ModelCheckpoint",)


def run(command: str, root: str, *more: str, config: str = CONFIG) -> int:
    """In this process, which is faster; the exit code."""
    arguments = ["train", command, "--config", config, "--data.root", root, *more]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", arguments)
        return main()


def fit(root: str, *more: str) -> None:
    assert run("fit", root, *more) == 0


def program(command: str, *more: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """As a program, with `tests` importable."""
    return subprocess.run(
        [sys.executable, "-m", "train", command, *more],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def metrics(folder: str, name: str) -> dict[int, float]:
    """step -> value, of those steps that logged `name`."""
    with Path(folder, "metrics.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    return {int(row["step"]): float(row[name]) for row in rows if row.get(name)}


def checkpoint(path: str | Path) -> dict[str, Any]:
    """All that a run goes on from."""
    loaded: dict[str, Any] = torch.load(path, weights_only=True)
    for name in list(loaded["callbacks"]):
        if name.startswith(_OF_THE_RUN):
            del loaded["callbacks"][name]
    return loaded


def differences(first: Any, second: Any, where: str = "") -> list[str]:
    """The places at which two values, of dicts, lists and tensors, are not the same to the bit."""
    if isinstance(first, dict) and isinstance(second, dict):
        odd = [f"{where}/{key}" for key in first.keys() ^ second.keys()]
        both = first.keys() & second.keys()
        return odd + [d for k in both for d in differences(first[k], second[k], f"{where}/{k}")]
    if isinstance(first, list | tuple) and isinstance(second, list | tuple):
        if len(first) != len(second):
            return [where]
        pairs = enumerate(zip(first, second, strict=True))
        return [d for place, pair in pairs for d in differences(*pair, f"{where}/{place}")]
    if isinstance(first, torch.Tensor) and isinstance(second, torch.Tensor):
        same = first.dtype == second.dtype and torch.equal(first, second)
    else:
        same = first == second
    return [] if same else [f"{where}: {first} != {second}"]


class SignalAt(Callback):
    """Sends a signal to this process when a step begins, as a scheduler would at any time."""

    def __init__(self, *, step: int, name: str = "SIGTERM") -> None:
        self.step = step
        self.signal = signal.Signals[name]

    def on_train_batch_start(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        batch: Any,
        batch_idx: int,
    ) -> None:
        del pl_module, batch, batch_idx
        if trainer.global_step == self.step and trainer.is_global_zero:
            os.kill(os.getpid(), self.signal)
