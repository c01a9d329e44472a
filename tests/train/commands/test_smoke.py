from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from partworks.errors import UsageError
from tests.train.command import CONFIG, SOURCE
from train.commands.networks import base_network_of, read_settings
from train.commands.smoke import Losses, _failures, build, in_small, main, run

SHIPPED = sorted((SOURCE / "train/configs").glob("part_vae*.yaml"))


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def small() -> dict[str, Any]:
    return in_small(read_settings(CONFIG), base_network_of(CONFIG))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_is_shipped_runs(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", str(path), "--steps=2", "--accelerator=cpu"]) == 0
    out = capsys.readouterr().out
    assert "generated boxes" in out and "all well in" in out
    assert not list(tmp_path.iterdir())


def test_a_published_network_in_small_stays_of_its_kind(tmp_path: Path) -> None:
    path = tmp_path / "dora.yaml"
    settings = copy.deepcopy(read_settings(CONFIG))
    settings["model"]["init_args"] |= {
        "network": "craftsman-dora",
        "flexicubes_head": True,
        "checkpoint": "nowhere.safetensors",
        "objective": {"kind": "bce", "depth": {"value": 1.0, "begins": 1000}},
    }
    path.write_text(yaml.safe_dump(settings))
    chosen = in_small(read_settings(str(path)), base_network_of(str(path)))["init_args"]
    assert chosen["network"]["sharp_points"] is True
    assert chosen["objective"]["depth"] == {"value": 1.0, "begins": 0}
    assert "checkpoint" not in chosen
    outcome = run({**settings["model"], "init_args": chosen}, steps=2, accelerator="cpu")
    assert outcome.failures == ()
    assert len(outcome.losses) == 3


def test_the_same_losses_every_time() -> None:
    outcomes = [run(small(), steps=2, accelerator="cpu") for _ in range(2)]
    assert outcomes[0].losses == outcomes[1].losses


def test_what_is_wrong_is_found() -> None:
    losses = Losses()
    losses.values = [1.0, float("nan")]
    weights = {"a": torch.zeros(1), "b": torch.zeros(1)}
    found = _failures(
        losses, 3, before=weights, after=weights, left_out=["c"], folder=Path("nowhere")
    )
    assert found == [
        "2 steps were made, expected 3", "the loss is not finite at step 1",
        "no weight moved", "1 weights have no gradient, such as c",
        "there is no average of the weights",
    ]  # fmt: skip


def test_a_module_that_does_not_train_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    settings = copy.deepcopy(read_settings(CONFIG))
    settings["model"]["init_args"]["optimizer"]["lr"] = 0.0
    settings["model"]["init_args"]["optimizer"]["weight_decay"] = 0.0
    path = tmp_path / "still.yaml"
    path.write_text(yaml.safe_dump(settings))
    assert main(["--config", str(path), "--steps=2", "--accelerator=cpu"]) == 1
    assert "FAILED: no weight moved" in capsys.readouterr().out


def test_settings_of_another_class_are_refused() -> None:
    model = small()
    model["init_args"]["depth"] = 3
    with pytest.raises(UsageError, match="the config's model cannot be built"):
        build(model)
