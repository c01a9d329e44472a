"""A run that goes on from a checkpoint ends with the same bits as one that was never stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.train.command import checkpoint, differences, metrics
from tests.train.denoiser.made import fit, run_folder

LOGGED = ("train/loss", "train/geometry", "train/images", "val/loss", "guard/gradient_norm")


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_ten_steps_are_five_and_five(
    latents: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    """Few objects in batches of 2: step 5 lies inside an epoch, 10 in a later one."""
    monkeypatch.chdir(tmp_path)
    common = (f"--data.num_workers={workers}",)
    fit(latents, *common)
    fit(latents, "--trainer.max_steps=5", *common)
    first = run_folder(1) / "checkpoints/step=5.ckpt"
    fit(latents, f"--ckpt_path={first}", *common)

    for name in LOGGED:
        joined = metrics(str(run_folder(1)), name) | metrics(str(run_folder(2)), name)
        expected = metrics(str(run_folder(0)), name)
        assert expected
        assert joined == expected, name
    ends = [checkpoint(run_folder(run) / "checkpoints/step=10.ckpt") for run in (0, 2)]
    assert ends[0]["global_step"] == 10
    assert differences(ends[0], ends[1]) == []
    # It would not be so from other weights.
    assert differences(ends[0], checkpoint(first))
