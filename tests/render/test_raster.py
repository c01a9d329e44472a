from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from partworks.geometry.cameras import Camera, look_at
from partworks.geometry.mesh import Mesh
from render.choice import make_backend
from render.config import RenderConfig
from render.raster import AMBIENT, GLOSS, RasterBackend, SubsetCaster
from render.subject import Subject, each_part, whole_object
from tests.render.scenes import board, front, parts_of, stacked, tower

UNLIT = RenderConfig(shading="unlit", supersample=1)
RED, GREEN, BLUE, YELLOW = [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]


def shot(mesh: Mesh, config: RenderConfig = UNLIT, camera: Camera | None = None) -> NDArray:
    faces = np.ones(mesh.face_count, bool)
    subject = Subject(
        folder="object",
        faces=faces,
        cameras=(camera or front(),),
        center=np.zeros(3),
        scale=1.0,
    )
    parts = parts_of(mesh, np.zeros(mesh.face_count, np.int32), names=("all",))
    ((_, (picture,)),) = RasterBackend(config).photograph(mesh, parts, [subject])
    assert picture.dtype == np.uint8
    return picture


def srgb(linear: float) -> int:
    return round(255 * (1.055 * linear ** (1 / 2.4) - 0.055))


def test_a_texture_is_the_right_way_up() -> None:
    picture = shot(board())
    found = [picture[p][:3].tolist() for p in ((16, 16), (16, 48), (48, 16), (48, 48))]
    assert found == [RED, GREEN, BLUE, YELLOW]
    assert (picture[picture[..., 3] > 0][:, 3] == 255).all()


def test_the_background_is_transparent_black() -> None:
    picture = shot(board())
    assert not picture[0].any() and not picture[:, 0].any()
    assert set(np.unique(picture[..., 3])) == {0, 255}


def test_supersampling_smooths_edges_with_straight_alpha() -> None:
    whole = board(uv_from=(0.05, 0.05), uv_to=(0.4, 0.4))  # all of it red
    picture = shot(whole, RenderConfig(shading="unlit", supersample=4), front(60))
    edge = (picture[..., 3] > 0) & (picture[..., 3] < 255)
    assert edge.sum() > 100
    np.testing.assert_array_equal(picture[edge][:, :3], np.tile(RED, (edge.sum(), 1)))
    area = picture[..., 3].sum() / 255
    assert area == pytest.approx((60 / 1.1) ** 2, rel=0.01)


def test_glass_lets_what_is_behind_through() -> None:
    mesh = stacked(
        board(alpha_mode="BLEND", factor=(1, 1, 1, 0.5)),
        board(uv_from=(0.51, 0.51), uv_to=(0.99, 0.99), z=-1),
    )
    picture = shot(mesh)
    half = srgb(0.5)
    assert picture[16, 16].tolist() == [255, half, 0, 255]  # red over yellow
    assert picture[48, 16].tolist() == [half, half, half, 255]  # blue over yellow


def test_glass_before_nothing_keeps_its_alpha() -> None:
    picture = shot(board(alpha_mode="BLEND", factor=(1, 1, 1, 0.25)))
    assert picture[16, 16].tolist() == [*RED, 64]


def test_two_panes_close_the_view_further() -> None:
    panes = [board(alpha_mode="BLEND", factor=(1, 1, 1, 0.5), z=-z) for z in (0.0, 0.5)]
    assert shot(stacked(*panes))[16, 16, 3] == round(0.75 * 255)
    assert shot(stacked(*panes), RenderConfig(shading="unlit", layers=1))[16, 16, 3] == 128


def test_a_cutout_shows_what_is_behind_it() -> None:
    mesh = stacked(
        board(alpha_mode="MASK", alpha=(0, 255, 255, 255)),
        board(uv_from=(0.51, 0.51), uv_to=(0.99, 0.99), z=-1),
    )
    picture = shot(mesh)
    assert picture[16, 16].tolist() == [*YELLOW, 255]
    assert picture[16, 48].tolist() == [*GREEN, 255]


def test_emission_shines_on_black() -> None:
    dark = board(factor=(0, 0, 0, 1), emissive=True)
    assert shot(dark, RenderConfig())[16, 16, :3].tolist()[0] == 255


def test_the_lamp_brightens_what_faces_it_and_never_clips() -> None:
    grey = board(uv_from=(0.51, 0.51), uv_to=(0.99, 0.99), factor=(0.5, 0.5, 0.5, 1))
    grey = replace(grey, materials=(replace(grey.materials[0], base_color_texture=None),))
    facing = shot(grey, RenderConfig())[32, 32, 0]
    slanted = Camera(
        camera_to_world=look_at((6, 0, 1.2), (0, 0, 0)), fov_y=0.4, width=64, height=64
    )
    away = shot(grey, RenderConfig(), slanted)[32, 32, 0]
    most, least = srgb(0.5 + GLOSS / 2), srgb(AMBIENT * 0.5)
    assert least < away < facing - 30 and facing <= most


def test_both_sides_of_a_surface_are_lit() -> None:
    behind = Camera(camera_to_world=look_at((0, 0, -6), (0, 0, 0)), fov_y=0.36, width=64, height=64)
    there = shot(board(), RenderConfig(), behind)[16, 48]  # mirrored
    np.testing.assert_array_equal(there, shot(board(), RenderConfig())[16, 16])


def test_smooth_normals_are_used_and_turned_to_the_side_that_is_seen() -> None:
    mesh = board()
    tilt = np.tile(np.float32([0.8, 0, 0.6]), (4, 1))
    tilted = replace(mesh, nodes=(replace(mesh.nodes[0], normals=tilt),))
    inverted = replace(mesh, nodes=(replace(mesh.nodes[0], normals=-tilt),))
    flat, smooth, turned = (shot(m, RenderConfig())[16, 16] for m in (mesh, tilted, inverted))
    assert smooth[0] < flat[0] - 10
    np.testing.assert_array_equal(smooth, turned)


def test_a_part_is_photographed_alone() -> None:
    mesh, parts = tower()
    config = RenderConfig(size=32, object_views=1, part_views=2, shading="unlit")
    generator = np.random.default_rng(0)
    subjects = [
        whole_object(mesh, config=config, generator=generator),
        *each_part(mesh, parts, config=config, generator=generator),
    ]
    shots = {
        subject.folder: pictures
        for subject, pictures in RasterBackend(config).photograph(mesh, parts, subjects)
    }
    assert [len(pictures) for pictures in shots.values()] == [1, 2, 2, 2]

    def colors(folder: str) -> set[tuple[int, ...]]:
        picture = shots[folder][0]
        return {tuple(c) for c in picture[picture[..., 3] == 255][:, :3].tolist()}

    assert colors("part_00") == {(255, 0, 0)}
    assert colors("part_01") == {(0, 255, 0)}
    assert colors("part_02") == {(255, 255, 255)}  # though hidden in the object
    assert {(255, 0, 0), (0, 255, 0), (0, 0, 255)} <= colors("object")  # dropped faces too


def test_a_subset_keeps_the_ids_of_the_whole() -> None:
    mesh, parts = tower()
    seen = SubsetCaster(mesh, parts.face_labels == 1).cast(front(16))
    assert set(parts.face_labels[seen.face_id[seen.hit]]) == {1}
    nothing = SubsetCaster(mesh, np.zeros(mesh.face_count, bool)).cast(front(16))
    assert not nothing.hit.any()


def test_make_backend_follows_the_config() -> None:
    backend = make_backend(RenderConfig(), seed=0)
    assert backend.name == "raster"
    assert set(backend.tools()) == {"embreex", "numpy", "pillow"}
