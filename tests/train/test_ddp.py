"""Two processes with half of a batch each do what one does with the whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.train import command
from tests.train.command import CONFIG, checkpoint, metrics, program

STEPS = 6
TWO = ("--trainer.devices=2", "--trainer.strategy=ddp", "--data.batch_size=3")
EVERY = f"--trainer.callbacks.every_n_train_steps={STEPS}"
ONE = ("--trainer.devices=1", "--data.batch_size=6")


Weights = tuple[dict[str, Tensor], dict[str, Tensor]]


def fit(root: str, folder: Path, *more: str, code: int = 0) -> Path:
    """The folder of a run; as a program, because the processes are copies of it."""
    ran = program(
        "fit", "--config", CONFIG, "--data.root", root, f"--trainer.max_steps={STEPS}",
        EVERY, *more, folder=folder,
    )  # fmt: skip
    assert ran.returncode == code, ran.stderr
    return folder / "runs/small/version_0"


def weights(run: Path) -> Weights:
    """Those of the last step, and their average."""
    state: dict[str, Any] = checkpoint(run / f"checkpoints/step={STEPS}.ckpt")
    return state["state_dict"], state["callbacks"]["WeightAverage"]["values"]


def assert_close(first: Weights, second: Weights) -> None:
    for ours, theirs in zip(first, second, strict=True):
        assert ours.keys() == theirs.keys()
        for name in ours:
            torch.testing.assert_close(theirs[name], ours[name], atol=2e-5, rtol=0)


def test_two_halves_of_a_batch_are_the_whole(
    root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same without a second process: one after the other instead of side by side."""
    monkeypatch.chdir(tmp_path)
    common = (f"--trainer.max_steps={STEPS}", "--trainer.limit_val_batches=0", EVERY)
    command.fit(root, *common, "--data.batch_size=6")
    command.fit(root, *common, "--data.batch_size=3", "--trainer.accumulate_grad_batches=2")
    ends = [weights(Path(f"runs/small/version_{version}")) for version in (0, 1)]
    assert_close(*ends)


@pytest.mark.slow
def test_two_processes_are_one(root: str, tmp_path: Path) -> None:
    """But for the order in which single-precision numbers are added.

    After a few steps of AdamW with a learning rate of 2e-3 weights agree to 2e-5; a step moves them
    by up to 2e-3.
    """
    one, two = (tmp_path / name for name in ("one", "two"))
    for folder in (one, two):
        folder.mkdir()
    runs = fit(root, one, *ONE), fit(root, two, *TWO)
    norms = [metrics(str(run), "guard/gradient_norm") for run in runs]
    assert norms[1] == pytest.approx(norms[0], rel=1e-4)
    assert_close(*(weights(run) for run in runs))
    # Other batches would tell: those of one process with half of the batch.
    half = tmp_path / "half"
    half.mkdir()
    other = weights(fit(root, half, "--trainer.devices=1", "--data.batch_size=3"))[0]
    ours = weights(runs[0])[0]
    assert max(float((other[name] - ours[name]).abs().max()) for name in ours) > 1e-3


@pytest.mark.slow
def test_a_signal_to_one_process_stops_both(root: str, tmp_path: Path) -> None:
    signal = ("--trainer.callbacks+=tests.train.command.SignalAt", "--trainer.callbacks.step=2")
    run = fit(root, tmp_path, *TWO, *signal, code=130)
    state = checkpoint(run / "checkpoints/interrupted.ckpt")
    assert state["global_step"] == 3
    assert state["PartDataModule"]["world"] == 2
