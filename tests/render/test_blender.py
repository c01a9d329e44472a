"""Blender keeps one scene a process, so it runs in children; `blender_child` is what they do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from partworks.artifacts.renders import Renders
from render.config import RenderConfig
from tests.render import blender_child
from tests.render.scenes import decode, overlap_of_masks, tower
from tests.shared_assets import SHARED

UPPER_LEFT, UPPER_RIGHT, LOWER_LEFT, LOWER_RIGHT = (16, 16), (16, 48), (48, 16), (48, 48)
CORNERS = (UPPER_LEFT, UPPER_RIGHT, LOWER_LEFT, LOWER_RIGHT)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two runs of the same, with one thread and with two."""
    folders = [tmp_path_factory.mktemp(f"threads{threads}") for threads in (1, 2)]
    children = [
        subprocess.Popen(
            [sys.executable, "-m", blender_child.__name__, str(folder), str(threads)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for threads, folder in zip((1, 2), folders, strict=True)
    ]
    for child in children:
        said, _ = child.communicate(timeout=500)
        assert child.returncode == 0, said.decode()
        assert b"Fra:" not in said  # progress reports stay out of the logs
    return folders


@pytest.fixture(scope="module")
def shots(runs: list[Path]) -> dict[str, NDArray[np.uint8]]:
    with np.load(runs[0] / "shots.npz") as archive:
        return {name: archive[name] for name in archive.files}


def colors(picture: NDArray[np.uint8]) -> str:
    """The quadrants' colours by name: r, g, b, y, w; - where nothing is seen."""

    def name(pixel: NDArray[np.uint8]) -> str:
        if pixel[3] < 20:
            return "-"
        bright = tuple(bool(x) for x in pixel[:3] > 0.6 * max(pixel[:3]))
        return {
            (True, False, False): "r",
            (False, True, False): "g",
            (False, False, True): "b",
            (True, True, False): "y",
        }.get(bright, "?")

    return "".join(name(picture[corner]) for corner in CORNERS)


@pytest.mark.parametrize(
    ("scene", "expected"),
    [
        ("plain", "rgby"),
        ("hidden_alpha", "rgby"),
        ("lost_alpha", "rgby"),
        ("glass", "rgby"),
        ("emission", "rgby"),
        ("doubled", "rgby"),
        ("halves_object", "rgby"),
        ("halves_part_00", "rgby"),
        ("halves_part_01", "rgby"),
        ("mask", "ryyy"),
        ("factor", "?gbg"),
        ("repeat", "????"),
    ],
)
def test_materials(shots: dict[str, NDArray[np.uint8]], scene: str, expected: str) -> None:
    found = colors(shots[scene])
    assert all(want in ("?", got) for want, got in zip(expected, found, strict=True)), found


@pytest.mark.parametrize("scene", ["plain", "repeat", "mirror", "clamp", "mixed"])
def test_textures_lie_as_the_raster_backend_lays_them(
    shots: dict[str, NDArray[np.uint8]], scene: str
) -> None:
    mesh, camera = blender_child.scenes()[scene]
    raster = blender_child.shoot(mesh, camera, RenderConfig(shading="unlit"))
    both = (raster[..., 3] == 255) & (shots[scene][..., 3] == 255)
    assert both.sum() > 3000
    bright = [picture[both][:, :3] > 127 for picture in (raster, shots[scene])]
    assert (bright[0] == bright[1]).all(axis=1).mean() > 0.93  # borders are filtered otherwise
    assert len(np.unique(bright[0], axis=0)) >= 4


def test_faces_on_one_another_do_not_shade_each_other(shots: dict[str, NDArray[np.uint8]]) -> None:
    for name in ("doubled", "halves_object", "halves_part_00", "halves_part_01"):
        difference = np.abs(shots[name].astype(int) - shots["plain"])
        assert difference.max() <= 2, name


def test_vertex_colors_and_factors_darken(shots: dict[str, NDArray[np.uint8]]) -> None:
    plain, shaded, factor = (shots[name] for name in ("plain", "vertex_colors", "factor"))
    assert shaded[UPPER_LEFT][0] > 1.4 * shaded[UPPER_RIGHT][1]
    assert factor[UPPER_LEFT][0] < 0.6 * plain[UPPER_LEFT][0]
    assert abs(int(factor[LOWER_LEFT][2]) - int(plain[LOWER_LEFT][2])) < 12


def test_glass_has_its_alpha_without_grain(shots: dict[str, NDArray[np.uint8]]) -> None:
    alpha = shots["glass"][10:54, 10:54, 3].astype(float)
    assert alpha.mean() == pytest.approx(128, abs=12)
    assert alpha.std() < 12  # 4 samples alone would give 64


def test_bright_paint_does_not_clip_and_is_not_dark(shots: dict[str, NDArray[np.uint8]]) -> None:
    paint = shots["white"][20:44, 20:44, :2]
    assert paint.min() > 150 and paint.max() < 255


def test_the_background_is_transparent_black(shots: dict[str, NDArray[np.uint8]]) -> None:
    for picture in shots.values():
        assert not picture[0].any() and not picture[-1].any()
        assert not picture[picture[..., 3] == 0].any()


@pytest.mark.parametrize("scene", ["tower", "char_knight", "dutch_ship"])
def test_blender_and_rays_see_the_same_silhouette(
    shots: dict[str, NDArray[np.uint8]], scene: str
) -> None:
    if scene != "tower" and SHARED is None:
        pytest.skip("needs the shared assets")
    mesh, camera = blender_child.scenes()[scene]
    raster = blender_child.shoot(mesh, camera, RenderConfig(supersample=4))
    masks = [picture[..., 3] > 127 for picture in (raster, shots[scene])]
    # The ship is mostly rigging, thinner than a pixel, where the filters of both differ.
    assert overlap_of_masks(*masks) > (0.9 if scene == "dutch_ship" else 0.98)


def test_the_stage_gives_equal_bytes_whatever_the_threads(runs: list[Path]) -> None:
    one, two = ((folder / "tower.zip").read_bytes() for folder in runs)
    assert one == two
    renders = Renders(one)
    assert renders.backend == "blender"
    assert [part.best_view >= 0 for part in renders.overlap] == [True, True, False]
    assert "4.5" in (runs[0] / "tools.txt").read_text()


def test_parts_are_shown_alone(runs: list[Path]) -> None:
    renders = Renders((runs[0] / "tower.zip").read_bytes())
    _, parts = tower()
    assert parts.part_names == ("slab", "cube", "core")
    for part, dominant in enumerate((0, 1)):
        picture = decode(renders.read(f"part_{part:02d}/000.png"))
        solid = picture[picture[..., 3] == 255]
        assert len(solid) > 200 and (solid[:, :3].argmax(axis=1) == dominant).all()
    white = decode(renders.read("part_02/000.png"))
    assert (white[white[..., 3] == 255][:, :3].min(axis=1) > 80).all()
    object_colors = decode(renders.read("object/001.png"))
    shown = object_colors[object_colors[..., 3] == 255][:, :3].argmax(axis=1)
    assert set(shown) == {0, 1, 2}  # red, green, and the blue ball of dropped faces
