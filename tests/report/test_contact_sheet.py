from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from partworks import layout
from partworks.artifacts.renders import Renders
from partworks.records import Item
from partworks.report.contact_sheet import FLAW, GAP, MOST_VIEWS, TILE, make_contact_sheet
from partworks.report.palette import PALETTE, UNLABELLED
from partworks.report.pictures import RenderedViews
from render.config import RenderConfig
from render.rigs import PASSES, Rig
from render.stage import Render
from tests.render.scenes import put, tower
from tests.report.made import VIEWS, make_renders, ring, view_color


def tile(sheet: Image.Image, row: int, column: int) -> NDArray[np.uint8]:
    step = TILE + GAP
    return np.asarray(sheet)[row * step : row * step + TILE, column * step : column * step + TILE]


def has_frame(pixels: NDArray[np.uint8]) -> bool:
    return bool((pixels[[0, 1, -1, -2]] == FLAW).all())


def test_views_stand_side_by_side() -> None:
    sheet = make_contact_sheet(Renders(make_renders(2)))
    assert (sheet.views, sheet.flawed, sheet.passes) == (VIEWS, 0, ())
    assert sheet.image.size == (VIEWS * (TILE + GAP) - GAP, TILE)
    for view in range(VIEWS):
        pixels = tile(sheet.image, 0, view)
        assert np.abs(pixels[20, 50].astype(int) - view_color(-1, view)).max() < 8
        assert not has_frame(pixels)


def test_views_with_flaws_have_a_red_frame() -> None:
    clean = make_contact_sheet(Renders(make_renders(1)))
    renders = Renders(make_renders(1, flawed={"object": [0, 2]}))
    sheet = make_contact_sheet(renders)
    assert sheet.flawed == 2
    assert [has_frame(tile(sheet.image, 0, view)) for view in range(VIEWS)] == [
        True,
        False,
        True,
        False,
    ]
    inner = (slice(10, 40), slice(10, 100))
    np.testing.assert_array_equal(tile(sheet.image, 0, 0)[inner], tile(clean.image, 0, 0)[inner])
    views = RenderedViews(renders)
    assert views.front in (1, 3)
    np.testing.assert_array_equal(
        views.camera.camera_to_world, ring(VIEWS, radius=1.8)[views.front].camera_to_world
    )


@pytest.fixture(scope="module")
def renders(tmp_path_factory: pytest.TempPathFactory) -> Renders:
    """All passes of a tower with a red slab, a green block and a blue ball of dropped faces."""
    store = put(tmp_path_factory.mktemp("root"), "tower", *tower())
    rigs = (Rig(views=12, size=TILE, passes=PASSES),)
    stage = Render(RenderConfig(rigs=rigs), store=store)
    stage.open()
    return Renders(stage.process(Item(uid="tower")).files[layout.renders("tower")])


def test_each_pass_has_a_row(renders: Renders) -> None:
    sheet = make_contact_sheet(renders)
    assert set(sheet.passes) == set(PASSES) and sheet.views == MOST_VIEWS
    rows = {name: row + 1 for row, name in enumerate(sheet.passes)}
    middle = (TILE // 2, TILE // 2)
    assert tile(sheet.image, rows["part"], 0)[middle][:3].tolist() == list(PALETTE[1])
    assert (tile(sheet.image, rows["part"], 0)[..., :3] == UNLABELLED).all(axis=-1).any()
    assert tile(sheet.image, rows["albedo"], 0)[middle].tolist() == [0, 255, 0, 255]
    assert tile(sheet.image, rows["mask"], 0)[middle].tolist() == [255] * 4
    depth = tile(sheet.image, rows["depth"], 0)
    assert depth[middle][0] > depth[depth[..., 3] == 255][:, 0].min()
    facing = tile(sheet.image, rows["normal_camera"], 0)[depth[..., 3] == 255][:, 2]
    assert (facing >= 127).mean() > 0.99  # towards the viewer
    for name, row in rows.items():
        corner = tile(sheet.image, row, 0)[0, 0, 3]
        assert corner == (255 if name == "boxes" else 0), name
