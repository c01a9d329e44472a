from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest

from partworks.artifacts.renders import Renders
from partworks.errors import Failed, Rejected
from shards.choice import check_rendered, choose_all
from shards.presets import PRESETS, Preset, PresetName
from shards.selection import Selection, select_parts
from shards.surface import Surface
from tests.shards.made import make_object, make_renders

PARTS = 6


def chosen(name: PresetName, **changes: Any) -> Preset:
    return dataclasses.replace(PRESETS[name], **changes)


def select(preset: Preset) -> Selection:
    made = make_object()
    return select_parts(
        made.mesh,
        made.parts.face_labels,
        surface=Surface(made.mesh.vertices, made.mesh.faces),
        count=PARTS,
        max_parts=preset.max_parts,
        tail=preset.tail,
    )


def members(preset: Preset, **rendered: Any) -> dict[str, list[str]]:
    """The members of each set of views."""
    renders = Renders(make_renders(PARTS, **rendered))
    views = choose_all(renders, select(preset), chosen=preset)
    return {each.name: [picture.member for picture in each.pictures] for each in views}


def test_each_part_has_the_views_of_its_own_folder() -> None:
    preset = chosen("copart", views=1, part_views=1)
    views = choose_all(Renders(make_renders(PARTS)), select(preset), chosen=preset)
    sources = {each.name: each.pictures[0].source for each in views}
    assert sources == {
        "object": "object/000.png",
        "part00": "part_05/000.png",
        "part01": "part_00/000.png",
        "part02": "part_02/000.png",
        "part03": "part_01/000.png",
        "part04": "part_03/000.png",
        "part05": "part_04/000.png",
    }


def test_a_rest_has_no_views() -> None:
    preset = chosen("copart", max_parts=3, tail="merge", views=1, part_views=2)
    found = members(preset)
    assert found["part02"] == []
    assert found["part01"] == ["part01.00.webp", "part01.01.webp"]
    grids = chosen("partgen", max_parts=3)
    found = members(grids, passes=["part"], grid=True)
    assert found["object.grid"] == ["object.grid.webp", "object.grid.parts.webp"]
    assert [name for name in found if name.endswith("grid")] == [
        "object.grid", "part00.grid", "part01.grid",
    ]  # fmt: skip


def test_passes_are_those_of_the_object_alone() -> None:
    preset = chosen("copart", views=1, part_views=1, part_masks=True, passes=("depth",))
    found = members(preset, passes=["part", "depth", "normal"])
    assert found["object"] == ["object.00.webp", "object.00.parts.webp", "object.00.depth.png"]
    assert found["part00"] == ["part00.00.webp"]


def test_single_views_and_grids_can_be_had_together() -> None:
    preset = chosen("partgen", views=2, part_views=1)
    found = members(preset, passes=["part"], grid=True)
    assert found["object"][:2] == ["object.00.webp", "object.00.parts.webp"]
    assert found["part03"] == ["part03.00.webp"] and found["part03.grid"] == ["part03.grid.webp"]


def test_a_part_with_a_flawed_view_has_no_grid_and_the_object_is_rejected_for_one() -> None:
    preset = chosen("partgen")
    found = members(preset, passes=["part"], grid=True, flawed={"part_05": [1]})
    assert "part00.grid" not in found and "part01.grid" in found
    with pytest.raises(Rejected, match="flawed_grid"):
        members(preset, passes=["part"], grid=True, flawed={"object": [1]})


@pytest.mark.parametrize(
    ("preset", "passes", "grid"),
    [
        (chosen("copart"), [], False),
        (chosen("autopartgen"), ["part"], False),
        (chosen("partgen"), ["part"], True),
        (chosen("trellis"), [], False),
        (chosen("autopartgen", views=0), [], False),
        (chosen("copart", part_views=0, passes=("depth",)), ["depth"], False),
    ],
)
def test_renders_that_suffice_pass(preset: Preset, passes: Sequence[str], grid: bool) -> None:
    check_rendered(Renders(make_renders(PARTS, passes=passes, grid=grid)), preset)


def test_everything_that_is_missing_is_named_at_once() -> None:
    preset = chosen("autopartgen", view_grids=True, part_views=1, passes=("normal",))
    renders = Renders(make_renders(PARTS, folders={"object": -1}))
    with pytest.raises(Failed) as caught:
        check_rendered(renders, preset)
    message = str(caught.value)
    for missing in ("pass `part`", "pass `normal`", "views of parts", "grid of the object's views"):
        assert f"no {missing}" in message
    assert "--render.preset autopartgen" in message


def test_renders_with_flaws_or_without_one_part_are_no_reason_to_fail() -> None:
    folders = {"object": -1, "part_03": 3}
    renders = make_renders(PARTS, folders=folders, flawed={"part_03": range(4)})
    check_rendered(Renders(renders), chosen("copart"))
