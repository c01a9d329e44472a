from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from partworks.geometry.cameras import Camera, bounding_sphere, look_at, ring
from partworks.geometry.glb import read_glb
from partworks.geometry.image_sampling import linear_to_srgb, srgb_to_linear
from partworks.geometry.mesh import Mesh, TextureRef
from render import raster
from render.config import RasterConfig
from render.raster import RasterBackend, SubsetCaster
from render.rigs import Rig
from render.shading import AMBIENT, GLOSS
from render.subject import WHOLE, Subject, make_subjects
from tests.render.scenes import board, front, parts_of, stacked, tower
from tests.render.scenes import picture as encode
from tests.shared_assets import requires_shared, shared

UNLIT = RasterConfig(shading="unlit", supersample=1)
RED, GREEN, BLUE, YELLOW = [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]


def shot(mesh: Mesh, config: RasterConfig = UNLIT, camera: Camera | None = None) -> NDArray:
    faces = np.ones(mesh.face_count, bool)
    subject = Subject(
        folder="object",
        rig=Rig(),
        part=WHOLE,
        faces=faces,
        cameras=(camera or front(),),
        center=np.zeros(3),
        scale=1.0,
    )
    parts = parts_of(mesh, np.zeros(mesh.face_count, np.int32), names=("all",))
    (taken,) = RasterBackend(config).photograph(mesh, parts, [subject])
    assert taken.subject is subject and taken.view == 0
    assert taken.picture.dtype == np.uint8
    return taken.picture


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
    picture = shot(whole, RasterConfig(shading="unlit", supersample=4), front(60))
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
    assert shot(stacked(*panes), RasterConfig(shading="unlit", layers=1))[16, 16, 3] == 128


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
    assert shot(dark, RasterConfig())[16, 16, :3].tolist()[0] == 255


def test_the_lamp_brightens_what_faces_it_and_never_clips() -> None:
    grey = board(uv_from=(0.51, 0.51), uv_to=(0.99, 0.99), factor=(0.5, 0.5, 0.5, 1))
    grey = replace(grey, materials=(replace(grey.materials[0], base_color_texture=None),))
    facing = shot(grey, RasterConfig())[32, 32, 0]
    slanted = Camera(
        camera_to_world=look_at((6, 0, 1.2), (0, 0, 0)), fov_y=0.4, width=64, height=64
    )
    away = shot(grey, RasterConfig(), slanted)[32, 32, 0]
    most, least = srgb(0.5 + GLOSS / 2), srgb(AMBIENT * 0.5)
    assert least < away < facing - 30 and facing <= most


def test_both_sides_of_a_surface_are_lit() -> None:
    behind = Camera(camera_to_world=look_at((0, 0, -6), (0, 0, 0)), fov_y=0.36, width=64, height=64)
    there = shot(board(), RasterConfig(), behind)[16, 48]  # mirrored
    np.testing.assert_array_equal(there, shot(board(), RasterConfig())[16, 16])


def test_smooth_normals_are_used_and_turned_to_the_side_that_is_seen() -> None:
    mesh = board()
    tilt = np.tile(np.float32([0.8, 0, 0.6]), (4, 1))
    tilted = replace(mesh, nodes=(replace(mesh.nodes[0], normals=tilt),))
    inverted = replace(mesh, nodes=(replace(mesh.nodes[0], normals=-tilt),))
    flat, smooth, turned = (shot(m, RasterConfig())[16, 16] for m in (mesh, tilted, inverted))
    assert smooth[0] < flat[0] - 10
    np.testing.assert_array_equal(smooth, turned)


def test_a_part_is_photographed_alone() -> None:
    mesh, parts = tower()
    rigs = (Rig(views=1, size=32), Rig(target="parts", views=2, size=32))
    subjects = make_subjects(mesh, parts, rigs, generator=np.random.default_rng(0))
    shots = list(RasterBackend(UNLIT).photograph(mesh, parts, subjects))
    names = [(taken.subject.folder, taken.view) for taken in shots]
    assert names == [
        ("object", 0),
        *((f"part_{part:02d}", view) for part in range(3) for view in range(2)),
    ]

    def colors(number: int) -> set[tuple[int, ...]]:
        picture = shots[number].picture
        return {tuple(c) for c in picture[picture[..., 3] == 255][:, :3].tolist()}

    assert {(255, 0, 0), (0, 255, 0), (0, 0, 255)} <= colors(0)  # dropped faces too
    assert colors(1) == {(255, 0, 0)}
    assert colors(3) == {(0, 255, 0)}
    assert colors(5) == {(255, 255, 255)}  # though hidden in the object


def test_a_subset_keeps_the_ids_of_the_whole() -> None:
    mesh, parts = tower()
    subset = SubsetCaster(mesh, parts.face_labels == 1)
    seen = subset.cast(front(16))
    assert set(parts.face_labels[seen.face_id[seen.hit]]) == {1}
    rows, columns = np.nonzero(seen.hit)
    hits = subset.shoot(front(16), columns + 0.5, rows + 0.5)
    np.testing.assert_array_equal(hits.face_id, seen.face_id[seen.hit])
    assert len(subset.points) == 8
    nothing = SubsetCaster(mesh, np.zeros(mesh.face_count, bool))
    assert not nothing.cast(front(16)).hit.any() and not len(nothing.points)


def test_of_very_many_vertices_some_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    mesh, _ = tower()
    monkeypatch.setattr(raster, "MOST_POINTS", 100)
    assert 50 < len(SubsetCaster(mesh, np.ones(mesh.face_count, bool)).points) <= 100


def test_a_normal_map_shows_unless_it_is_turned_off() -> None:
    texels = np.full((1, 1, 3), [230, 128, 204])  # leans to the right, away from the lamp
    mesh = board()
    (material,) = mesh.materials
    bumpy = replace(
        mesh,
        materials=(replace(material, normal_texture=TextureRef(image=1)),),
        images=(*mesh.images, encode(texels)),
    )
    flat, bent, off = (
        shot(mesh, RasterConfig()),
        shot(bumpy, RasterConfig()),
        shot(bumpy, RasterConfig(normal_maps=False)),
    )
    assert bent[16, 16, 0] < flat[16, 16, 0] - 20
    np.testing.assert_array_equal(off, flat)


def test_the_same_input_gives_the_same_bytes() -> None:
    mesh, _ = tower()
    first, second = (shot(mesh, RasterConfig(supersample=3)) for _ in range(2))
    assert first.tobytes() == second.tobytes()


def everywhere(mesh: Mesh, camera: Camera, factor: int) -> NDArray[np.int64]:
    """The picture with the rays of an edge in every pixel: that of a finer camera, averaged."""
    fine = shot(mesh, RasterConfig(supersample=1), camera.resized(factor)).astype(np.float64)
    light = srgb_to_linear(fine[..., :3] / 255) * (fine[..., 3:] / 255)
    both = np.concatenate([light, fine[..., 3:] / 255], axis=2)
    mean = both.reshape(camera.height, factor, camera.width, factor, 4).mean(axis=(1, 3))
    alpha = mean[..., 3:]
    color = np.divide(mean[..., :3], alpha, out=np.zeros_like(mean[..., :3]), where=alpha > 0)
    return np.rint(255 * np.concatenate([linear_to_srgb(color), alpha], axis=2)).astype(np.int64)


@requires_shared
@pytest.mark.parametrize(
    "name", ["char_knight", "dutch_ship", "flight_helmet", "ms_tall_plant", "truck_red"]
)
def test_rays_where_edges_are_give_what_rays_everywhere_give(name: str) -> None:
    mesh = read_glb(shared(f"assets/dev/{name}.glb").read_bytes())
    center, radius = bounding_sphere(mesh.vertices)
    camera = ring(8, center=center, radius=radius, size=256)[1]
    found = shot(mesh, RasterConfig(), camera).astype(np.int64)
    expected = everywhere(mesh, camera, 2)
    there = (expected[..., 3] > 0) | (found[..., 3] > 0)
    apart = np.abs(found - expected).max(axis=2)
    jagged = np.abs(shot(mesh, RasterConfig(supersample=1), camera) - expected).max(axis=2)
    # The ship's ropes are thinner than a pixel; some of them no ray through a centre meets.
    assert apart[there].mean() < (4 if name == "dutch_ship" else 1.5)
    assert (np.abs(found - expected)[..., 3] > 64).mean() < 0.003
    assert apart[there].mean() < jagged[there].mean() / 4


def test_the_tools_that_decide_the_pixels_are_named() -> None:
    backend = RasterBackend(RasterConfig())
    assert backend.name == "raster"
    assert set(backend.tools()) == {"embreex", "numpy", "pillow"}
