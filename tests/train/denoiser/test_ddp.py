"""Two processes with half of a batch each do what one does with the whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.train.command import SOURCE, checkpoint
from tests.train.denoiser import made
from tests.train.denoiser.made import CONFIG, run_folder

STEPS = 4
COMMON = (
    f"--trainer.max_steps={STEPS}", "--trainer.limit_val_batches=0",
    f"--trainer.callbacks.every_n_train_steps={STEPS}",
)  # fmt: skip


def program(root: str, folder: Path, *more: str) -> Path:
    ran = subprocess.run(
        [sys.executable, "-m", "train", "fit", "--config", CONFIG, "--data.root", root,
         *COMMON, *more],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(SOURCE), "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return folder / run_folder(0)


def weights(run: Path) -> dict[str, Tensor]:
    state: dict[str, Any] = checkpoint(run / f"checkpoints/step={STEPS}.ckpt")
    return dict(state["state_dict"])


def assert_close(ours: dict[str, Tensor], theirs: dict[str, Tensor]) -> None:
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        torch.testing.assert_close(theirs[name], value, atol=2e-5, rtol=0)


def test_two_halves_of_a_batch_are_the_whole(
    latents: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same without a second process: one after the other instead of side by side."""
    monkeypatch.chdir(tmp_path)
    made.fit(latents, *COMMON, "--data.batch_size=4")
    made.fit(latents, *COMMON, "--data.batch_size=2", "--trainer.accumulate_grad_batches=2")
    assert_close(weights(run_folder(0)), weights(run_folder(1)))


@pytest.mark.slow
def test_two_processes_are_one(latents: str, tmp_path: Path) -> None:
    one, two, half = (tmp_path / name for name in ("one", "two", "half"))
    for folder in (one, two, half):
        folder.mkdir()
    ours = weights(program(latents, one, "--data.batch_size=4"))
    theirs = weights(
        program(
            latents, two, "--data.batch_size=2", "--trainer.devices=2", "--trainer.strategy=ddp"
        )
    )
    assert_close(ours, theirs)
    # Other batches would tell: those of one process with half of the batch.
    other = weights(program(latents, half, "--data.batch_size=2"))
    assert max(float((other[name] - ours[name]).abs().max()) for name in ours) > 1e-3
