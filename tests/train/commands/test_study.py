"""The study in its whole way, and, slowly, what it is to show."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from PIL import Image

from partworks.geometry.glb import read_glb
from train.cli import main
from train.sampling.results import layout_file
from train.study.objects import made_objects
from train.study.report import TITLES

TINY = (
    "--threads=1", "--study.objects=16", "--study.held_out=8", "--study.draws=2",
    "--study.network={width: 16, layers: 3, heads: 2}",
    "--study.learning={steps: 20, batch: 8, rate: 0.005}",
)  # fmt: skip


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["train", *arguments])
    return main()


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a study that is far too short to show anything."""
    folder = tmp_path_factory.mktemp("study")
    with pytest.MonkeyPatch.context() as patch:
        assert call(patch, "study", *TINY, f"--output={folder}") == 1
    return folder


def test_too_little_training_is_said_to_be(studied: Path) -> None:
    tree = json.loads((studied / "study.json").read_text())
    assert "box-following IoU is above 0.5" in tree["failures"]
    assert tree["config"]["learning"]["steps"] == 20
    assert set(tree["independent"]["measures"]) == set(TITLES)
    # Only exchanges are left out.
    assert tree["independent"]["weights"] < tree["joint"]["weights"]
    table = (studied / "study.md").read_text()
    assert all(title in table for title in TITLES.values())
    with Image.open(studied / "study.png") as sheet:
        assert sheet.width > sheet.height / 2


def test_what_was_trained_can_be_sampled(
    studied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a checkpoint to a GLB with the parts' names."""
    (made,) = made_objects(1, seed=9)
    (tmp_path / "layout.json").write_bytes(layout_file(made.layout))
    code = call(
        monkeypatch, "sample", "--generator=train.study.checkpoint.TrainedStudy",
        f"--generator.checkpoint={studied / 'denoiser.safetensors'}", "--sampling.steps=3",
        f"--layout=[{tmp_path / 'layout.json'}]", f"--output={tmp_path}",
    )  # fmt: skip
    assert code == 0
    glb = tmp_path / made.name / "object.glb"
    names = [node.name for node in read_glb(glb.read_bytes()).nodes]
    assert names == [part.name for part in made.layout.parts]


def test_what_is_no_network_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.safetensors").write_bytes(b"{}")
    code = call(
        monkeypatch, "sample", "--generator=train.study.checkpoint.TrainedStudy",
        f"--generator.checkpoint={tmp_path / 'bad.safetensors'}", f"--output={tmp_path}",
    )  # fmt: skip
    assert code == 2
    assert "bad.safetensors" in capsys.readouterr().err


@pytest.mark.slow
def test_the_denoisers_learn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All claims, after fewer steps and with fewer objects; minutes."""
    code = call(
        monkeypatch, "study", "--threads=1", "--study.objects=320", "--study.held_out=24",
        "--study.learning.steps=900", f"--output={tmp_path}",
    )  # fmt: skip
    assert (code, json.loads((tmp_path / "study.json").read_text())["failures"]) == (0, [])
