from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from train.cli import main

SOURCE = Path(__file__).resolve().parents[2]
CONFIG = str(SOURCE / "train/configs/part_vae_tiny.yaml")
# Small enough for a test; 42 parts in batches of 5 are 9 batches, so step 10 lies inside an epoch.
SMALLER = (
    "--data.batch_size=5",
    "--data.queries.surface=96",
    "--data.queries.near=64",
    "--data.queries.volume=64",
    "--trainer.accelerator=cpu",
    "--trainer.enable_progress_bar=false",
    "--trainer.enable_model_summary=false",
)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(command: str, root: str, *more: str) -> int:
    arguments = ["train", command, "--config", CONFIG, "--data.root", root, *SMALLER, *more]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", arguments)
        return main()


def fit(root: str, *more: str) -> None:
    assert run("fit", root, *more) == 0


def metrics(folder: str, name: str) -> dict[int, float]:
    """step -> value, of those steps that logged `name`."""
    with Path(folder, "metrics.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    return {int(row["step"]): float(row[name]) for row in rows if row.get(name)}


def weights(path: str) -> dict[str, Any]:
    loaded: dict[str, Any] = torch.load(path, weights_only=False)
    return loaded


def test_a_hundred_steps_learn_by_heart(root: str) -> None:
    fit(root)
    folder = "runs/part_vae_tiny/version_0"
    losses = metrics(folder, "train/loss")
    assert len(losses) == 100
    assert losses[0] > 3 * sum(losses[step] for step in range(95, 100)) / 5
    iou = metrics(folder, "val/band_iou")
    assert list(iou) == [49, 99]
    assert iou[99] > 0.5
    assert metrics(folder, "val/distance_l1")[99] < 0.05


def test_everything_lies_below_runs(root: str, tmp_path: Path) -> None:
    fit(root, "--trainer.max_steps=2", "--trainer.val_check_interval=1")
    found = sorted(
        str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()
    )
    folder = "runs/part_vae_tiny/version_0"
    assert found == [
        f"{folder}/checkpoints/last.ckpt", f"{folder}/config.yaml", f"{folder}/metrics.csv",
    ]  # fmt: skip


def test_without_a_logger_the_config_lies_below_runs_too(root: str, tmp_path: Path) -> None:
    fit(root, "--trainer.max_steps=1", "--trainer.logger=false", "--trainer.callbacks=[]")
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


@pytest.mark.parametrize("workers", [0, 2])
def test_going_on_is_exact(root: str, workers: int) -> None:
    """20 steps straight, and 10 with 10 more from the checkpoint, end with the same bits."""
    common = (
        f"--data.num_workers={workers}",
        "--trainer.val_check_interval=7",
        "--trainer.callbacks.init_args.every_n_train_steps=10",
    )
    fit(root, "--trainer.max_steps=20", *common)
    fit(root, "--trainer.max_steps=10", *common)
    checkpoint = "runs/part_vae_tiny/version_1/checkpoints/step=10.ckpt"
    fit(root, "--trainer.max_steps=20", f"--ckpt_path={checkpoint}", *common)

    straight = metrics("runs/part_vae_tiny/version_0", "train/loss")
    before = metrics("runs/part_vae_tiny/version_1", "train/loss")
    after = metrics("runs/part_vae_tiny/version_2", "train/loss")
    assert {**before, **after} == straight
    assert sorted(after) == list(range(10, 20))

    ends = [
        weights(f"runs/part_vae_tiny/version_{version}/checkpoints/step=20.ckpt")
        for version in (0, 2)
    ]
    assert ends[0]["global_step"] == ends[1]["global_step"] == 20
    for name, tensor in ends[0]["state_dict"].items():
        assert torch.equal(tensor, ends[1]["state_dict"][name]), name
    moments = [end["optimizer_states"][0]["state"] for end in ends]
    for number, state in moments[0].items():
        for name, value in state.items():
            assert torch.equal(torch.as_tensor(value), torch.as_tensor(moments[1][number][name]))
    assert ends[0]["lr_schedulers"] == ends[1]["lr_schedulers"]


def test_validate_gives_what_fit_gave(root: str, capsys: pytest.CaptureFixture[str]) -> None:
    every_4 = "--trainer.callbacks.init_args.every_n_train_steps=4"
    fit(root, "--trainer.max_steps=4", "--trainer.val_check_interval=4", every_4)
    checkpoint = "runs/part_vae_tiny/version_0/checkpoints/step=4.ckpt"
    assert run("validate", root, f"--ckpt_path={checkpoint}", every_4) == 0
    assert "val/band_iou" in capsys.readouterr().out
    fitted = metrics("runs/part_vae_tiny/version_0", "val/distance_l1")
    validated = metrics("runs/part_vae_tiny/version_1", "val/distance_l1")
    assert list(fitted.values()) == list(validated.values())


def test_no_shards_is_a_wrong_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fit", str(tmp_path)) == 2
    message = capsys.readouterr().err
    assert f"error: no shards at {tmp_path}" in message
    assert "partworks run --root" in message
    assert "Traceback" not in message


def test_unknown_settings_are_refused(root: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        fit(root, "--data.batchsize=3")
    assert stopped.value.code == 2
    assert "batchsize" in capsys.readouterr().err


def test_the_module_is_the_command(root: str, tmp_path: Path) -> None:
    """As a program: nothing on stderr that looks like trouble, nothing outside `runs`."""
    before = sorted(path.name for path in SOURCE.iterdir())
    ran = subprocess.run(
        [
            sys.executable, "-m", "train", "fit", "--config", CONFIG, "--data.root", root, *SMALLER,
            "--trainer.max_steps=2", "--trainer.limit_val_batches=0",
        ],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "Warning" not in ran.stderr
    assert "Tip" not in ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]
    assert sorted(path.name for path in SOURCE.iterdir()) == before
