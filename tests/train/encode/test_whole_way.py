"""From training to latents by the commands that a user types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from shards.reader import ShardIndex
from tests.train.command import fit, run
from tests.train.encode.made import contents

REPORT = (
    "--trainer.callbacks+=train.validation.report.ValidationReport",
    "--trainer.callbacks.evaluation.points=500",
    "--trainer.callbacks.evaluation.views=1",
    "--trainer.callbacks.evaluation.view_size=32",
    "--trainer.callbacks.evaluation.resolution=16",
    "--trainer.callbacks.parts=6",
)
RUN = "runs/small/version_0"


@pytest.fixture
def trained(root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run of ten steps."""
    monkeypatch.chdir(tmp_path)
    fit(root, "--trainer.val_check_interval=10")
    return tmp_path / RUN


def statistics(folder: Path) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads((folder / "statistics.json").read_text())
    return tree


def test_a_run_is_validated_and_encoded_by_its_own_config(
    root: str, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    last = f"--ckpt_path={RUN}/checkpoints/last.ckpt"
    own = f"{RUN}/config.yaml"
    assert run("validate", root, last, *REPORT, config=own) == 0
    assert "6 parts of 1 objects" in capsys.readouterr().out
    assert (tmp_path / "runs/small/version_1/validation/report.json").is_file()

    assert run("encode", root, last, "--output=latents", config=own) == 0
    found, source = ShardIndex(str(tmp_path / "latents")), ShardIndex(root)
    assert found.keys("train") == source.keys("train")
    checkpoint = statistics(tmp_path / "latents")["made_by"]["checkpoint"]
    assert (checkpoint["name"], checkpoint["weights"]) == ("last.ckpt", "average")
    key = found.keys("train")[0]
    latents = found.decode(key, ["latents.npz"])["latents.npz"]["part_latent"]
    assert latents.shape == (6, 8, 8)
    # The means of the averaged weights, whose file gives the same.
    exported = f"--ckpt_path={RUN}/average.safetensors"
    assert run("encode", root, exported, "--output=again", config=own) == 0
    weights = [
        statistics(tmp_path / name)["made_by"]["weights_sha256"] for name in ("latents", "again")
    ]
    assert weights[0] == weights[1]
    again = ShardIndex(str(tmp_path / "again")).decode(key, ["latents.npz"])["latents.npz"]
    assert torch.equal(torch.from_numpy(latents), torch.from_numpy(again["part_latent"]))


def test_settings_are_options_and_wrong_ones_are_refused(
    root: str, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    last = f"--ckpt_path={RUN}/checkpoints/last.ckpt"
    wanted = ("--settings.frame=object", "--settings.dtype=float16", "--settings.weights=last")
    assert run("encode", root, last, "--output=latents", *wanted) == 0
    made_by = statistics(tmp_path / "latents")["made_by"]
    assert made_by["frame"]["part"] == "object"
    assert made_by["checkpoint"]["weights"] == "last"
    assert made_by["settings"]["dtype"] == "float16"
    before = contents(Path(root))
    assert run("encode", root, last, f"--output={root}") == 2
    assert "is the training set itself" in capsys.readouterr().err
    assert contents(Path(root)) == before
    assert run("encode", root, last, "--output=latents", "--settings.chunk=0") == 2
    assert "settings.chunk is 0, expected at least 1" in capsys.readouterr().err
