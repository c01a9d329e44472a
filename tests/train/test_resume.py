"""A run that goes on from a checkpoint ends with the same bits as one that was never stopped."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
import torch

from tests.train.command import CONFIG, checkpoint, differences, fit, metrics, program, run

RUN = "runs/small/version_{}"
LAST = RUN + "/checkpoints/last.ckpt"

LOGGED = (
    "train/loss", "train/kl", "val/loss", "val/volume_iou", "guard/gradient_norm", "guard/skipped"
)  # fmt: skip
"""All but how fast it was."""

SIGNAL = ("--trainer.callbacks+=tests.train.command.SignalAt", "--trainer.callbacks.step=6")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def assert_same_log(straight: int, *pieces: int, without: tuple[str, ...] = ()) -> None:
    for name in LOGGED:
        joined: dict[int, float] = {}
        for piece in pieces:
            joined |= metrics(RUN.format(piece), name)
        expected = metrics(RUN.format(straight), name)
        assert expected
        if name not in without:
            assert joined == expected, name


@pytest.mark.parametrize("workers", [0, 2])
def test_ten_steps_are_five_and_five(root: str, workers: int) -> None:
    """42 parts in batches of 5 are 9 batches: step 5 lies inside an epoch, 10 in the next one.

    Everything in the checkpoint is compared: weights, their average, the optimiser's moments, the
    schedule, the guard's counts, the loops' progress and the data module's state.
    """
    common = (f"--data.num_workers={workers}",)
    fit(root, *common)
    fit(root, "--trainer.max_steps=5", *common)
    first = RUN.format(1) + "/checkpoints/step=5.ckpt"
    fit(root, f"--ckpt_path={first}", *common)

    assert_same_log(0, 1, 2)
    assert sorted(metrics(RUN.format(2), "train/loss")) == [5, 6, 7, 8, 9]
    ends = [checkpoint(RUN.format(run) + "/checkpoints/step=10.ckpt") for run in (0, 2)]
    assert ends[0]["global_step"] == 10
    assert "WeightAverage" in ends[0]["callbacks"] and "NonFiniteGuard" in ends[0]["callbacks"]
    assert differences(ends[0], ends[1]) == []
    # It would not be so from other weights.
    assert differences(ends[0], checkpoint(first))


def test_a_run_goes_on_where_batches_add_up_to_steps(root: str) -> None:
    common = ("--trainer.accumulate_grad_batches=2", "--data.batch_size=3")
    fit(root, *common)
    fit(root, "--trainer.max_steps=5", *common)
    fit(root, f"--ckpt_path={RUN.format(1)}/checkpoints/step=5.ckpt", *common)
    ends = [checkpoint(RUN.format(run) + "/checkpoints/step=10.ckpt") for run in (0, 2)]
    assert differences(ends[0]["state_dict"], ends[1]["state_dict"]) == []
    assert differences(ends[0]["optimizer_states"], ends[1]["optimizer_states"]) == []


@pytest.mark.parametrize("workers", [0, 2])
def test_a_signal_in_the_middle_changes_nothing(root: str, workers: int) -> None:
    common = (f"--data.num_workers={workers}",)
    fit(root, *common)
    handler = signal.getsignal(signal.SIGTERM)
    assert run("fit", root, *common, *SIGNAL) == 130
    assert signal.getsignal(signal.SIGTERM) == handler
    interrupted = RUN.format(1) + "/checkpoints/interrupted.ckpt"
    # The step that was under way has been finished and logged.
    assert sorted(metrics(RUN.format(1), "train/loss")) == list(range(7))
    fit(root, f"--ckpt_path={interrupted}", *common)

    assert_same_log(0, 1, 2)
    ends = [checkpoint(RUN.format(run) + "/checkpoints/step=10.ckpt") for run in (0, 2)]
    assert differences(ends[0], ends[1]) == []


def test_a_signal_just_before_validation_leaves_that_out(root: str) -> None:
    fit(root)
    assert run("fit", root, *SIGNAL[:1], "--trainer.callbacks.step=7") == 130
    fit(root, f"--ckpt_path={RUN.format(1)}/checkpoints/interrupted.ckpt")
    assert_same_log(0, 1, 2, without=("val/loss", "val/volume_iou"))
    assert list(metrics(RUN.format(0), "val/loss")) == [3, 7]
    assert list(metrics(RUN.format(1), "val/loss")) == [3]
    ends = [checkpoint(RUN.format(run) + "/checkpoints/step=10.ckpt") for run in (0, 2)]
    assert differences(ends[0]["state_dict"], ends[1]["state_dict"]) == []


def test_the_program_says_130_and_how_to_go_on(root: str, tmp_path: Path) -> None:
    ran = program("fit", "--config", CONFIG, "--data.root", root, *SIGNAL, folder=tmp_path)
    assert ran.returncode == 130, ran.stderr
    interrupted = f"{RUN.format(0)}/checkpoints/interrupted.ckpt"
    assert f"stopped by a signal after step 7; go on with --ckpt_path {interrupted}" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert checkpoint(interrupted)["global_step"] == 7


def test_a_checkpoint_that_holds_more_than_tensors_is_not_read(
    root: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fit(root, "--trainer.max_steps=5")
    content = torch.load(LAST.format(0), weights_only=True)
    content["callbacks"]["path"] = Path()
    torch.save(content, tmp_path / "odd.ckpt")
    assert run("fit", root, f"--ckpt_path={tmp_path / 'odd.ckpt'}") == 2
    assert "holds more than tensors and plain values" in capsys.readouterr().err
