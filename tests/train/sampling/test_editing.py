from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from partworks.errors import UsageError
from tests.train.sampling.made import CABINET, CHAIR
from tests.train.sampling.standin import StandIn
from train.metrics.mesh_files import NamedMesh, write_glb
from train.rendering.portable import TorchRenderer
from train.sampling.assembly import GeneratedObject, assemble
from train.sampling.config import SamplingConfig
from train.sampling.editing import Edit, PartChange, edit_task, edited_layout, read_edit
from train.sampling.generation import Task, generate

CONFIG = SamplingConfig(steps=4, box_points=256)
GENERATOR = StandIn(mixing=0.05)
WINGS = Edit(
    text="a chair with wings",
    parts=(
        PartChange(name="back", text="a high back", box=((0.0, 5.0, 0.0), (5.0, 10.2, 1.0))),
        PartChange(name="wing", text="a wing", box=((4.0, 6.0, 0.0), (5.1, 8.0, 1.0))),
    ),
    remove=("leg right",),
)


def sampled(task: Task) -> GeneratedObject:
    (latents,) = generate(GENERATOR, [task], config=CONFIG)
    return assemble(GENERATOR, task.layout, latents=latents, renderer=TorchRenderer())


def test_what_is_not_edited_stays_bit_by_bit() -> None:
    before = sampled(Task(layout=CHAIR))
    after = sampled(edit_task(CHAIR, before.latents.parts, edit=WINGS))
    assert [part.name for part in after.parts] == ["seat", "back", "leg left", "wing"]
    for old, new in ((0, 0), (2, 2)):
        for own, was in (
            (after.latents.parts.geometry, before.latents.parts.geometry),
            (after.latents.parts.images, before.latents.parts.images),
        ):
            assert own is not None and was is not None
            assert torch.equal(own[new], was[old])
        # And so do the meshes, in the layout's unit, though another box has become larger.
        first, second = (
            write_glb([NamedMesh(name="a", mesh=made.mesh, color=(1, 1, 1))])
            for made in (before.parts[old], after.parts[new])
        )
        assert first == second
        colors = before.parts[old].colors, after.parts[new].colors
        assert colors[0] is not None and colors[1] is not None
        assert (colors[0] == colors[1]).all()
    assert before.parts[1].mesh.vertices.tolist() != after.parts[1].mesh.vertices.tolist()


def test_the_frame_stays_through_several_edits() -> None:
    once = edited_layout(CHAIR, WINGS)
    twice = edited_layout(once, Edit(resample=("wing",)))
    assert once.extent == twice.extent == CHAIR.around
    assert (once.frame.center == CHAIR.frame.center).all()
    assert once.frame.scale == CHAIR.frame.scale


def test_texts_and_boxes_that_are_left_out_stay() -> None:
    edit = Edit(parts=(PartChange(name="seat", text="a stool"),), resample=("back",))
    layout = edited_layout(CHAIR, edit)
    assert layout.parts[0] == dataclasses.replace(CHAIR.parts[0], text="a stool")
    assert layout.parts[1:] == CHAIR.parts[1:]
    assert layout.text == "a chair"


def test_kept_rows_are_those_not_named() -> None:
    latents = sampled(Task(layout=CHAIR)).latents.parts
    edit = Edit(parts=(PartChange(name="seat", text="a stool"),), resample=("leg right",))
    assert edit_task(CHAIR, latents, edit=edit).kept == (1, 2)


def test_joints_of_removed_parts_go() -> None:
    assert edited_layout(CABINET, Edit(remove=("door",))).joints == ()


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (Edit(resample=("arm",)), "no part 'arm'"),
        (Edit(parts=(PartChange(name="arm", text="an arm"),)), "arm is a new part; give its box"),
        (Edit(remove=("seat",), resample=("seat",)), "removed and to be sampled"),
        (Edit(remove=("seat",)), "nothing of chair is to be sampled"),
        (
            Edit(parts=(PartChange(name="back", box=((0.0, 5.0, 0.0), (5.0, 20.0, 1.0))),)),
            "times as far as the extent",
        ),
    ],
)
def test_impossible_edits_are_refused(edit: Edit, message: str) -> None:
    latents = sampled(Task(layout=CHAIR)).latents.parts
    with pytest.raises(UsageError, match=message):
        edit_task(CHAIR, latents, edit=edit)


def test_edits_are_read(tmp_path: Path) -> None:
    path = tmp_path / "edit.json"
    path.write_text(json.dumps(dataclasses.asdict(WINGS)))
    assert read_edit(path) == WINGS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "changes no part"),
        ({"part": []}, "part: "),
        ({"parts": [{"text": "a"}]}, "parts.0.name: "),
        ({"resample": "seat"}, "resample: "),
    ],
)
def test_what_is_wrong_with_an_edit_is_said(content: Any, message: str, tmp_path: Path) -> None:
    path = tmp_path / "edit.json"
    path.write_text(json.dumps(content))
    with pytest.raises(UsageError, match=message):
        read_edit(path)
    with pytest.raises(UsageError, match="cannot read the edit"):
        read_edit(tmp_path / "none.json")
