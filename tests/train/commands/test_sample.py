from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import Tensor

from partworks.errors import UsageError
from partworks.geometry.glb import read_glb
from tests.train.sampling.made import CABINET, CHAIR, row_of_cubes
from tests.train.sampling.standin import StandIn
from train.cli import main
from train.metrics.mesh import TriangleMesh
from train.sampling.results import layout_file, read_object

STANDIN = "--generator=tests.train.sampling.standin.StandIn"
FEW = ("--sampling.steps=3", "--sampling.geometry_scale=1", "--sampling.image_scale=1")


class Hollow(StandIn):
    """No part has a surface."""

    def decode_geometry(self, latents_NTD: Tensor) -> list[TriangleMesh]:
        return [TriangleMesh.empty() for _ in latents_NTD]


class Absent(StandIn):
    """Cannot be loaded."""

    def __init__(self) -> None:
        raise UsageError("no checkpoint")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["train", *arguments])
    return main()


def layout(folder: Path, which: Any = CHAIR) -> str:
    path = folder / f"{which.name}.json"
    path.write_bytes(layout_file(which))
    return str(path)


def test_a_layout_becomes_an_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out"
    code = run(
        monkeypatch, "sample", STANDIN, *FEW, f"--layout=[{layout(tmp_path)}]", f"--output={output}"
    )
    assert code == 0
    assert capsys.readouterr().out == f"{output / 'chair'}: 4 parts\n"
    assert len(read_glb((output / "chair/object.glb").read_bytes()).faces) == 48
    result = json.loads((output / "chair/result.json").read_text())
    assert result["sampling"]["steps"] == 3
    assert result["kept_parts"] == []


def test_several_layouts_and_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mini-scene, a long object and an articulated one in one call."""
    output = tmp_path / "out"
    layouts = ",".join(layout(tmp_path, each) for each in (row_of_cubes(11), CABINET))
    arguments = (f"--layout=[{layouts}]", f"--output={output}", "--samples=2")
    assert run(monkeypatch, "sample", STANDIN, *FEW, *arguments) == 0
    assert sorted(path.name for path in output.iterdir()) == [
        "cabinet-0", "cabinet-1", "row-0", "row-1",
    ]  # fmt: skip
    assert (output / "cabinet-0/cabinet-0.urdf").is_file()
    assert len(read_object(output / "row-1")[1].parts) == 11
    first, second = (read_object(output / f"row-{number}")[1] for number in range(2))
    assert first.parts.geometry is not None and second.parts.geometry is not None
    assert not np.allclose(first.parts.geometry, second.parts.geometry)


def test_objects_of_a_training_set(
    root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = (f"--data={root}", "--key=[obj0,obj1]", f"--output={tmp_path}")
    assert run(monkeypatch, "sample", STANDIN, *FEW, *arguments) == 0
    assert len(read_object(tmp_path / "obj1")[0].parts) == 6


def test_settings_may_lie_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "sample.yaml"
    config.write_text(
        "generator:\n  class_path: tests.train.sampling.standin.StandIn\n"
        "  init_args:\n    images: false\nsampling:\n  steps: 2\n"
    )
    arguments = (f"--layout=[{layout(tmp_path)}]", f"--output={tmp_path}", f"--config={config}")
    assert run(monkeypatch, "sample", *arguments, "--sampling.seed=4") == 0
    result = json.loads((tmp_path / "chair/result.json").read_text())
    assert (result["sampling"]["steps"], result["sampling"]["seed"]) == (2, 4)
    assert not (tmp_path / "chair/views").exists()


def test_parts_are_refined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in's mesh is one face between the middles of voxels, for each part."""
    refinement = (
        "--refinement=train.refine.refinement.EnhancerRefinement",
        "--refinement.enhancer=tests.train.refine.test_refinement.Smallest",
    )
    arguments = (f"--layout=[{layout(tmp_path)}]", f"--output={tmp_path}", *refinement)
    assert run(monkeypatch, "sample", STANDIN, *FEW, *arguments) == 0
    assert len(read_glb((tmp_path / "chair/object.glb").read_bytes()).faces) == 4


def test_without_trellis_the_call_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = (f"--layout=[{layout(tmp_path)}]", f"--output={tmp_path}")
    refinement = "--refinement=train.refine.trellis.trellis_refinement"
    assert run(monkeypatch, "sample", STANDIN, *FEW, *arguments, refinement) == 2
    assert "error: TRELLIS is not installed" in capsys.readouterr().err


def test_what_is_wrong_with_a_generator_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    generator = "--generator=tests.train.commands.test_sample.Absent"
    arguments = (f"--layout=[{layout(tmp_path)}]", f"--output={tmp_path}")
    assert run(monkeypatch, "sample", generator, *arguments) == 2
    assert "error: no checkpoint\n" in capsys.readouterr().err


def test_parts_without_a_surface_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    generator = "--generator=tests.train.commands.test_sample.Hollow"
    arguments = (f"--layout=[{layout(tmp_path)}]", f"--output={tmp_path}")
    assert run(monkeypatch, "sample", generator, *FEW, *arguments) == 1
    assert "4 parts, without a surface: seat, back, leg left, leg right" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing to sample"),
        (["--key=[a]"], "belong together"),
        (["--layout=[none.json]"], "cannot read the layout none.json"),
        (["--layout=[none.json]", "--sampling.eta=2"], "sampling.eta is 2"),
        (["--layout=[CHAIR,CHAIR]"], "several layouts are called chair"),
    ],
)
def test_wrong_calls(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = [each.replace("CHAIR", layout(tmp_path)) for each in arguments]
    assert run(monkeypatch, "sample", STANDIN, f"--output={tmp_path}", *given) == 2
    assert message in capsys.readouterr().err
