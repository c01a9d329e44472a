from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from partworks.geometry.glb import read_glb
from train.cli import main

EXACT = "--generator=tests.train.evaluation.made.Exact"
FEW = (
    "--sampling.steps=2", "--sampling.geometry_scale=1", "--sampling.image_scale=1",
    "--sampling.box_points=64", "--evaluation.points=2000", "--evaluation.views=1",
    "--evaluation.view_size=32", "--evaluation.resolution=20",
)  # fmt: skip


def evaluate(monkeypatch: pytest.MonkeyPatch, root: str, *arguments: str) -> int:
    given = ["train", "evaluate", EXACT, *FEW, f"--data={root}", *arguments]
    monkeypatch.setattr(sys, "argv", given)
    return main()


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def made(files: dict[str, bytes]) -> set[str]:
    """A GLB and a picture of the one object."""
    (key,) = {Path(name).stem for name in files if name.startswith("objects/")}
    return {f"objects/{key}.glb", f"objects/{key}.png"}


def test_a_table_for_each_checkpoint(
    root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    whole = ("--split=val", "--label=first", f"--output={first}")
    assert evaluate(monkeypatch, root, *whole) == 0
    half = ("--split=val", "--label=<half>", "--generator.grow=0.5", f"--output={second}")
    beside = f"--beside=[{first / 'evaluation.json'}]"
    assert evaluate(monkeypatch, root, *half, beside) == 0

    tree = json.loads((first / "evaluation.json").read_text())
    assert tree["counts"] == {"objects": 1, "parts": 6, "no_surface": 0, "no_truth": 0}
    boxes = tree["tables"]["boxes"]["means"]["parts"]["box_iou"]
    assert boxes["mean"] == pytest.approx(1, abs=1e-4)
    table = (second / "evaluation.md").read_text()
    assert "| | <half> | first |" in table
    assert "| box_iou (part) | 0.1250 | 1.0000 |" in table
    assert table in capsys.readouterr().out
    html = (second / "evaluation.html").read_text()
    assert "<th>&lt;half&gt;</th><th>first</th>" in html
    (picture,) = (second / "objects").glob("*.png")
    assert f'src="objects/{picture.name}"' in html
    assert len(read_glb(picture.with_suffix(".glb").read_bytes()).faces) == 72


def test_equal_generators_give_equal_reports(
    root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two"):
        output = f"--output={tmp_path / name}"
        assert evaluate(monkeypatch, root, "--split=val", output) == 0
    one, two = (contents(tmp_path / name) for name in ("one", "two"))
    assert set(one) == {"evaluation.html", "evaluation.json", "evaluation.md", *made(one)}
    assert one == two


def test_parts_without_a_surface_fail(
    root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ("--split=train", "--objects=2", "--generator.hollow=true", f"--output={tmp_path}")
    assert evaluate(monkeypatch, root, *given) == 1
    tree = json.loads((tmp_path / "evaluation.json").read_text())
    assert tree["counts"]["objects"] == 2
    assert tree["counts"]["no_surface"] == 8


WRONG = {
    "no split 'nowhere'; choose one of": ("--split=nowhere",),
    "nothing.json is no evaluation": ("--split=val", "--beside=[nothing.json]"),
    "there is no folder ./nothing": ("--split=val", "--clip=./nothing"),
}


@pytest.mark.parametrize("message", WRONG)
def test_wrong_calls(
    message: str,
    root: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert evaluate(monkeypatch, root, f"--output={tmp_path}", *WRONG[message]) == 2
    assert message in capsys.readouterr().err
