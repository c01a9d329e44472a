from __future__ import annotations

import sys
from pathlib import Path

import pytest
import yaml

from tests.train.command import CONFIG, SOURCE, checkpoint, fit, metrics, program, run
from train.cli import main

RUN = "runs/small/version_0"
SHIPPED = sorted((SOURCE / "train/configs").glob("*.yaml"))


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_everything_lies_below_runs(root: str, tmp_path: Path) -> None:
    fit(root, "--trainer.max_steps=2")
    found = sorted(
        str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()
    )
    assert found == [
        f"{RUN}/average.safetensors", f"{RUN}/checkpoints/last.ckpt", f"{RUN}/config.yaml",
        f"{RUN}/metrics.csv",
    ]  # fmt: skip


def test_without_a_logger_the_config_lies_below_runs_too(root: str, tmp_path: Path) -> None:
    fit(root, "--trainer.max_steps=1", "--trainer.logger=false", "--trainer.callbacks=[]")
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


def test_every_run_is_guarded_and_timed(root: str) -> None:
    fit(root, "--trainer.max_steps=3")
    for name in ("guard/skipped", "guard/gradient_norm", "speed/samples_per_second"):
        assert sorted(metrics(RUN, name)) == [0, 1, 2], name
    assert set(checkpoint(f"{RUN}/checkpoints/last.ckpt")["callbacks"]) >= {
        "NonFiniteGuard", "WeightAverage"
    }  # fmt: skip


def test_guards_have_settings(root: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("fit", root, "--guard.clip_norm=1") == 2
    assert "set only one of them" in capsys.readouterr().err


def test_validate_gives_what_fit_gave(root: str, capsys: pytest.CaptureFixture[str]) -> None:
    """By the average of the weights, as in `fit`."""
    fit(root, "--trainer.max_steps=5", "--trainer.val_check_interval=5")
    saved = f"--ckpt_path={RUN}/checkpoints/step=5.ckpt"
    assert run("validate", root, saved) == 0
    assert "val/loss" in capsys.readouterr().out
    fitted = metrics(RUN, "val/loss")
    validated = metrics("runs/small/version_1", "val/loss")
    assert list(fitted.values()) == list(validated.values())


def test_encode_is_a_command(root: str, tmp_path: Path) -> None:
    fit(root, "--trainer.max_steps=1")
    saved = f"--ckpt_path={RUN}/checkpoints/last.ckpt"
    output = f"--output={tmp_path / 'latents'}"
    assert run("encode", root, saved, output, "--settings.box_points=64") == 0
    assert (tmp_path / "latents/index.parquet").is_file()


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


@pytest.mark.parametrize("command", [["trian"], []])
def test_unknown_commands_are_refused(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["train", *command])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert "fit" in capsys.readouterr().err


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_configs_can_be_read(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run("fit", "nowhere", "--print_config", config=str(path))
    assert stopped.value.code == 0
    assert "class_path: train." in capsys.readouterr().out


@pytest.mark.parametrize("name", ["gpu", "ddp", "fsdp", "average", "tensorboard"])
def test_shipped_additions_fit_every_config(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    addition = SOURCE / f"train/configs/trainer/{name}.yaml"
    for path in SHIPPED:
        with pytest.raises(SystemExit) as stopped:
            run("fit", "nowhere", f"--config={addition}", "--print_config", config=str(path))
        assert stopped.value.code == 0, capsys.readouterr().err
        printed = yaml.safe_load(capsys.readouterr().out)
        own, added = (yaml.safe_load(file.read_text())["trainer"] for file in (path, addition))
        for key, value in added.items():
            if key == "callbacks+":
                classes = [each["class_path"] for each in printed["trainer"]["callbacks"]]
                assert classes == [each["class_path"] for each in own["callbacks"] + value]
            elif isinstance(value, dict):
                assert printed["trainer"][key]["class_path"] == value["class_path"]
            else:
                assert printed["trainer"][key] == value


def test_a_run_with_pictures_and_tensorboard(root: str) -> None:
    more = (
        f"--config={SOURCE / 'train/configs/trainer/tensorboard.yaml'}",
        "--trainer.max_steps=4",
        "--trainer.callbacks+=train.callbacks.pictures.Reconstructions",
        "--trainer.callbacks.size=16",
    )
    fit(root, *more)
    found = Path("runs/tensorboard/version_0")
    assert [path.name for path in (found / "pictures").iterdir()] == ["step=00000004.png"]
    assert list(found.glob("events.out.*"))
    assert list(found.glob("checkpoints/*.ckpt"))


def test_what_a_callback_says_reaches_the_caller(
    root: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = (
        "--trainer.callbacks+=train.callbacks.ema.WeightAverage",
        "--trainer.callbacks.decay=1",
    )
    assert run("fit", root, "--trainer.callbacks=[]", *given) == 2
    message = capsys.readouterr().err
    assert "error: the average's decay is 1.0, expected 0 to less than 1" in message
    assert "Traceback" not in message


def test_weights_and_biases_must_be_there(
    root: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("train.loggers.find_spec", lambda name: None)
    assert run("fit", root, f"--config={SOURCE / 'train/configs/trainer/wandb.yaml'}") == 2
    assert "needs the package wandb" in capsys.readouterr().err


def test_the_module_is_the_command(root: str, tmp_path: Path) -> None:
    """As a program: nothing on stderr that looks like trouble, nothing outside `runs`."""
    before = sorted(path.name for path in SOURCE.iterdir())
    ran = program(
        "fit", "--config", CONFIG, "--data.root", root, "--trainer.max_steps=2",
        "--trainer.limit_val_batches=0", folder=tmp_path,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "Warning" not in ran.stderr
    assert "Tip" not in ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]
    assert sorted(path.name for path in SOURCE.iterdir()) == before
