from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import numpy as np
import pytest

from partworks.artifacts.renders import Renders, pack
from render.config import RenderConfig
from render.encoding import encode_pass
from shards.views import (
    GREYS,
    ViewSet,
    choose_grid,
    choose_views,
    find_grid,
    has_pass,
    part_folders,
    spread,
)
from tests.shards.made import SIZE, VIEWS, make_renders

PASSES = ("part", "depth", "normal")


def sources(views: ViewSet | None) -> list[str]:
    assert views is not None
    return [picture.source for picture in views.pictures]


@pytest.mark.parametrize(
    ("available", "wanted", "expected"),
    [(8, 4, [0, 2, 4, 6]), (3, 8, [0, 1, 2]), (5, 2, [0, 2]), (0, 4, []), (4, 0, [])],
)
def test_spread(available: int, wanted: int, expected: list[int]) -> None:
    assert spread(available, wanted) == expected


def test_chosen_views_keep_their_cameras() -> None:
    renders = Renders(make_renders(2))
    chosen = choose_views(renders, "part_01", stem="part00", wanted=2)
    assert sources(chosen) == ["part_01/000.png", "part_01/002.png"]
    assert chosen.name == "part00"
    everything = renders.transforms("part_01")
    table = chosen.described()
    assert [frame["view"] for frame in table["frames"]] == [0, 2]
    assert [frame["file_path"] for frame in table["frames"]] == ["part00.00.webp", "part00.01.webp"]
    expected = everything["frames"][2]["transform_matrix"]
    assert table["frames"][1]["transform_matrix"] == expected
    np.testing.assert_array_equal(chosen.cameras[1].camera_to_world, expected)
    assert {key: table[key] for key in ("w", "h")} == {"w": SIZE, "h": SIZE}


def test_a_samples_table_tells_nothing_of_passes_that_it_lacks() -> None:
    renders = Renders(make_renders(1, passes=PASSES))
    assert "mask_file_path" in renders.transforms("object")["frames"][0]
    table = choose_views(renders, "object", stem="object", wanted=2).described()
    assert set(table) == {"camera_angle_x", "w", "h", "frames"}
    for frame in table["frames"]:
        assert set(frame) == {"file_path", "camera_angle_x", "transform_matrix", "view"}


def test_channels_have_members_beside_the_colours() -> None:
    renders = Renders(make_renders(1, passes=PASSES))
    channels = ("parts", "depth")
    chosen = choose_views(renders, "object", stem="object", wanted=2, channels=channels)
    found = [(picture.member, picture.source, picture.channel) for picture in chosen.pictures]
    assert found == [
        ("object.00.webp", "object/000.png", ""),
        ("object.00.parts.webp", "object/000.part.png", "parts"),
        ("object.00.depth.png", "object/000.depth.png", "depth"),
        ("object.01.webp", "object/002.png", ""),
        ("object.01.parts.webp", "object/002.part.png", "parts"),
        ("object.01.depth.png", "object/002.depth.png", "depth"),
    ]
    table = chosen.described()
    assert table["depth_scale"] == 0.001
    paths = {key: path for key, path in table["frames"][1].items() if key.endswith("file_path")}
    assert paths == {
        "file_path": "object.01.webp",
        "parts_file_path": "object.01.parts.webp",
        "depth_file_path": "object.01.depth.png",
    }


def test_a_hundred_views_have_names_of_their_own() -> None:
    frames = [{"file_path": f"object/{view:03d}.png"} for view in range(150)]
    views = ViewSet(stem="object", table={"frames": frames}, grid={})
    names = [picture.member for picture in views.pictures]
    assert len(set(names)) == 150
    assert names[9] == "object.09.webp" and names[149] == "object.149.webp"


def test_a_grid_holds_all_views() -> None:
    renders = Renders(make_renders(2, passes=PASSES, grid=True))
    chosen = choose_grid(renders, "object", stem="object", channels=("parts",))
    assert chosen is not None and chosen.name == "object.grid"
    assert sources(chosen) == ["object/grid.png", "object/grid.part.png"]
    table = chosen.described()
    assert table["file_path"] == "object.grid.webp"
    assert table["parts_file_path"] == "object.grid.parts.webp"
    assert table["columns"] == 2
    assert [frame["view"] for frame in table["frames"]] == list(range(VIEWS))
    assert not any("file_path" in key for frame in table["frames"] for key in frame)
    assert len(chosen.cameras) == VIEWS


def test_a_grid_with_a_flawed_view_is_not_taken() -> None:
    renders = Renders(make_renders(2, grid=True, flawed={"part_01": [3]}))
    assert choose_grid(renders, "part_00", stem="part00") is not None
    assert choose_grid(renders, "part_01", stem="part01") is None


def test_what_was_not_rendered_is_not_found() -> None:
    bare, full = Renders(make_renders(1)), Renders(make_renders(1, passes=["part"], grid=True))
    assert find_grid(bare, "object", "") is None
    assert find_grid(full, "object", "parts") == "object/grid.part.png"
    assert find_grid(full, "object", "depth") is None
    assert choose_grid(full, "object", stem="object", channels=("depth",)) is None
    assert has_pass(full, "object", "parts") and not has_pass(bare, "object", "parts")
    folders = {"object": -1, "part_00": 0, "part_01_visible": 1, "object_cond": -1}
    assert part_folders(Renders(make_renders(2, folders=folders))) == ["part_00"]


def test_views_with_flaws_are_not_taken() -> None:
    flawed = {"object": [0, 2], "part_00": range(VIEWS)}
    renders = Renders(make_renders(2, flawed=flawed))
    chosen = choose_views(renders, "object", stem="object", wanted=VIEWS)
    assert [frame["view"] for frame in chosen.table["frames"]] == [1, 3]
    assert sources(chosen) == ["object/001.png", "object/003.png"]
    single = choose_views(renders, "object", stem="object", wanted=1)
    assert sources(single) == ["object/001.png"]
    none = choose_views(renders, "part_00", stem="part00", wanted=2)
    assert sources(none) == [] and none.described()["frames"] == []
    assert len(sources(choose_views(renders, "part_01", stem="part01", wanted=2))) == 2


def test_a_folder_that_was_not_rendered_has_no_views() -> None:
    chosen = choose_views(Renders(make_renders(1)), "part_01", stem="part00", wanted=2)
    assert sources(chosen) == []
    assert chosen.described() == {"frames": []}


def with_float_depth(depths: list[np.ndarray]) -> Renders:
    """Renders whose depth is EXR, and so without a scale."""
    data = make_renders(1, passes=["depth"])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    table: Any = Renders(data).transforms("object")
    del table["depth_scale"]
    config = RenderConfig(depth="exr")
    for view, depth in enumerate(depths):
        path = f"object/{view:03d}.depth.exr"
        members[path] = encode_pass("depth", depth, config=config, depth_scale=1)
        table["frames"][view]["depth_file_path"] = path
    members["object/transforms.json"] = json.dumps(table).encode()
    for name in ("overlap.json", "checks.json"):
        del members[name]
    known = Renders(data)
    checks = {folder: known.checks(folder) for folder in known.folders}
    return Renders(pack(members, overlap=known.overlap, checks=checks, backend="flat"))


def test_depth_of_floats_gets_the_scale_that_its_largest_needs() -> None:
    depths = [np.full((SIZE, SIZE), 1.0 + view, np.float32) for view in range(VIEWS)]
    depths[3][0] = np.inf
    renders = with_float_depth(depths)
    chosen = choose_views(renders, "object", stem="object", wanted=VIEWS, channels=("depth",))
    assert chosen.described()["depth_scale"] == pytest.approx(4.0 / GREYS, rel=1e-12)
