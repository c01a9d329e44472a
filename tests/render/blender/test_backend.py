"""What Blender shows of materials, parts and light."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from partworks.geometry.cameras import look_at, ring
from partworks.geometry.mesh import Material, Mesh
from render.blender.backend import BlenderBackend
from render.config import BlenderConfig, RasterConfig
from render.presets import Lighting
from render.raster import RasterBackend
from render.subject import WHOLE
from tests.render.blender.pictures import scenes, shoot, shoot_halves, subject
from tests.render.scenes import board, front, overlap_of_masks, parts_of, tower
from tests.shared_assets import SHARED

UPPER_LEFT, UPPER_RIGHT, LOWER_LEFT, LOWER_RIGHT = (16, 16), (16, 48), (48, 16), (48, 48)
CORNERS = (UPPER_LEFT, UPPER_RIGHT, LOWER_LEFT, LOWER_RIGHT)

Shots = dict[str, NDArray[np.uint8]]


@pytest.fixture(scope="module")
def shots(backend: BlenderBackend) -> Shots:
    made = {name: shoot(backend, mesh, camera)[0] for name, (mesh, camera) in scenes().items()}
    return made | shoot_halves(backend)


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
def test_materials(shots: Shots, scene: str, expected: str) -> None:
    found = colors(shots[scene])
    assert all(want in ("?", got) for want, got in zip(expected, found, strict=True)), found


@pytest.mark.parametrize("scene", ["plain", "repeat", "mirror", "clamp", "mixed"])
def test_textures_lie_as_the_raster_backend_lays_them(shots: Shots, scene: str) -> None:
    mesh, camera = scenes()[scene]
    (raster,) = shoot(RasterBackend(RasterConfig(shading="unlit")), mesh, camera)
    both = (raster[..., 3] == 255) & (shots[scene][..., 3] == 255)
    assert both.sum() > 3000
    bright = [picture[both][:, :3] > 127 for picture in (raster, shots[scene])]
    assert (bright[0] == bright[1]).all(axis=1).mean() > 0.93  # borders are filtered otherwise
    assert len(np.unique(bright[0], axis=0)) >= 4


def test_faces_on_one_another_do_not_shade_each_other(shots: Shots) -> None:
    for name in ("doubled", "halves_object", "halves_part_00", "halves_part_01"):
        difference = np.abs(shots[name].astype(int) - shots["plain"])
        assert difference.max() <= 2, name


def test_vertex_colors_and_factors_darken(shots: Shots) -> None:
    plain, shaded, factor = (shots[name] for name in ("plain", "vertex_colors", "factor"))
    assert shaded[UPPER_LEFT][0] > 1.4 * shaded[UPPER_RIGHT][1]
    assert factor[UPPER_LEFT][0] < 0.6 * plain[UPPER_LEFT][0]
    assert abs(int(factor[LOWER_LEFT][2]) - int(plain[LOWER_LEFT][2])) < 12


def test_glass_has_its_alpha_without_grain(shots: Shots) -> None:
    alpha = shots["glass"][10:54, 10:54, 3].astype(float)
    assert alpha.mean() == pytest.approx(128, abs=12)
    assert alpha.std() < 12  # 4 samples alone would give 64


def test_bright_paint_does_not_clip_and_is_not_dark(shots: Shots) -> None:
    paint = shots["white"][20:44, 20:44, :2]
    assert paint.min() > 150 and paint.max() < 255


def test_the_background_is_transparent_black(shots: Shots) -> None:
    for picture in shots.values():
        assert not picture[0].any() and not picture[-1].any()
        assert not picture[picture[..., 3] == 0].any()


@pytest.mark.parametrize("scene", ["tower", "char_knight", "dutch_ship"])
def test_blender_and_rays_see_the_same_silhouette(shots: Shots, scene: str) -> None:
    if scene != "tower" and SHARED is None:
        pytest.skip("needs the shared assets")
    mesh, camera = scenes()[scene]
    (raster,) = shoot(RasterBackend(RasterConfig(supersample=4)), mesh, camera)
    masks = [picture[..., 3] > 127 for picture in (raster, shots[scene])]
    # The ship is mostly rigging, thinner than a pixel, where the filters of both differ.
    assert overlap_of_masks(*masks) > (0.9 if scene == "dutch_ship" else 0.98)


def test_equal_pixels_whatever_the_threads(shots: Shots) -> None:
    config = BlenderConfig(samples=4, threads=2, device="cpu")
    two = BlenderBackend(config, lighting="suns", layers=8, seed=0)
    for name in ("plain", "glass", "tower", "mask"):
        mesh, camera = scenes()[name]
        assert np.array_equal(shoot(two, mesh, camera)[0], shots[name]), name
    two.close()


def test_the_seed_decides_the_noise(shots: Shots) -> None:
    config = BlenderConfig(samples=4, threads=1, device="cpu")
    other = BlenderBackend(config, lighting="suns", layers=8, seed=1)
    mesh, camera = scenes()["tower"]
    assert not np.array_equal(shoot(other, mesh, camera)[0], shots["tower"])
    other.close()


def test_it_says_what_it_is(backend: BlenderBackend) -> None:
    assert backend.name == "blender"
    assert backend.tools()["blender"].startswith("4.")
    assert backend.tools()["cycles"] == "cpu"


def alone(part: int) -> Mesh:
    """The tower's mesh with one part's node and nothing else."""
    mesh, _ = tower()
    return replace(mesh, nodes=(mesh.nodes[(0, 1, 3)[part]],))


@pytest.mark.parametrize("lighting", ["suns", "area"])
def test_a_part_looks_as_if_there_were_nothing_else(
    backend: BlenderBackend, lighting: Lighting
) -> None:
    """Hiding and showing, with what Cycles keeps between views, changes no pixel."""
    config = BlenderConfig(samples=4, threads=2, device="cpu")
    used = (
        backend
        if lighting == "suns"
        else BlenderBackend(config, lighting=lighting, layers=8, seed=0)
    )
    mesh, parts = tower()
    cameras = ring(2, radius=1.8, size=48, azimuth_offset=0.6)
    whole = subject(np.ones(mesh.face_count, bool), cameras)
    subjects = [whole] + [
        subject(parts.face_labels == part, cameras, part=part) for part in (0, 1, 2)
    ]
    shots = [shot.picture for shot in used.photograph(mesh, parts, [*subjects, whole])]
    assert len(shots) == 10
    for part in (0, 1, 2):
        fresh = shoot(used, alone(part), *cameras)
        for view in (0, 1):
            assert np.array_equal(shots[2 + 2 * part + view], fresh[view]), (part, view)
    assert np.array_equal(shots[:2], shots[-2:])
    shown = shots[0][shots[0][..., 3] == 255][:, :3].argmax(axis=1)
    assert set(shown) == {0, 1, 2}  # red, green, and the blue ball of dropped faces
    if used is not backend:
        used.close()


def test_lamps_move_with_their_subject() -> None:
    """A part that stands elsewhere, and smaller, is lit as one that fills the frame."""
    config = BlenderConfig(samples=4, threads=2, device="cpu")
    backend = BlenderBackend(config, lighting="area", layers=8, seed=0)
    large = alone(0)
    (node,) = large.nodes
    center, scale = np.array([0.5, 0.25, -0.5]), 0.125
    moved = (node.vertices * scale + center).astype(np.float32)
    small = replace(large, nodes=(replace(node, vertices=moved),))
    (far,) = ring(1, radius=1.8, size=48, azimuth_offset=2.2)
    (near,) = ring(1, radius=1.8 * scale, center=center, size=48, azimuth_offset=2.2)
    (expected,) = shoot(backend, large, far)
    parts = parts_of(small, np.zeros(12, np.int32), names=("all",))
    framed = subject(np.ones(12, bool), [near], center=tuple(center), scale=scale)
    unframed = subject(np.ones(12, bool), [near])
    differences = [
        np.abs(shot.picture.astype(int) - expected)[expected[..., 3] == 255].mean()
        for shot in backend.photograph(small, parts, [framed, unframed])
    ]
    assert differences[0] < 0.5 and differences[1] > 1.5  # the noise differs a little
    backend.close()


@pytest.mark.parametrize("lighting", ["area", "sky"])
def test_white_paint_does_not_clip_and_black_paint_is_not_lost(lighting: Lighting) -> None:
    config = BlenderConfig(samples=16, threads=2, device="cpu")
    backend = BlenderBackend(config, lighting=lighting, layers=8, seed=0)
    mesh, _ = tower()
    for albedo, low, high in ((1.0, 100, 250), (0.01, 12, 70)):
        paint = Material(base_color=(albedo, albedo, albedo, 1), metallic=0.0, roughness=0.9)
        painted = replace(mesh, materials=(paint,) * 3)
        cameras = ring(4, radius=1.8, size=48, azimuth_offset=0.6)
        for picture in shoot(backend, painted, *cameras):
            brightness = picture[picture[..., 3] == 255][:, :3].mean(axis=1)
            assert low < brightness.mean() < high
            assert (brightness >= 254).mean() < 0.02
    backend.close()


@pytest.mark.parametrize("lighting", ["area", "sky"])
def test_light_comes_from_above(lighting: Lighting) -> None:
    config = BlenderConfig(samples=4, threads=2, device="cpu")
    backend = BlenderBackend(config, lighting=lighting, layers=8, seed=0)
    cameras = [
        replace(front(16), camera_to_world=look_at((0, height, 0), (0, 0, 0))) for height in (6, -6)
    ]
    above, below = (
        picture[picture[..., 3] == 255][:, :3].mean()
        for picture in shoot(backend, alone(0), *cameras)
    )
    assert above > 1.3 * below
    backend.close()


def test_what_is_out_of_the_frame_is_not_asked_for(backend: BlenderBackend) -> None:
    away = replace(front(), camera_to_world=look_at((0, 0, 6), (0, 0, 60)))
    aside = replace(front(), camera_to_world=look_at((0, 0, 6), (9, 0, 5)))
    for picture in shoot(backend, board(), away, aside):
        assert picture.shape == (64, 64, 4) and not picture.any()


def test_depth_is_planar_and_normals_face_the_camera(backend: BlenderBackend) -> None:
    camera = replace(front(), camera_to_world=look_at((0, 3, 6), (0, 0, 0)))
    (view,) = backend.geometry(board(), [camera])
    seen = np.isfinite(view.depth)
    rows, columns = np.nonzero(seen)
    # The board is the plane z = 0: its depth follows from the rays.
    rays = camera.rays()[rows, columns]
    distance = -camera.position[2] / rays[:, 2]
    planar = distance * (rays @ camera.forward)
    assert seen.mean() > 0.5 and not seen[0].any()
    assert view.depth.dtype == view.normal.dtype == np.float32
    np.testing.assert_allclose(view.depth[seen], planar, rtol=1e-4)
    np.testing.assert_allclose(view.normal[seen], np.tile((0, 0, 1), (seen.sum(), 1)), atol=1e-5)
    assert not view.normal[~seen].any()


def test_geometry_looks_through_holes_and_what_is_faint(backend: BlenderBackend) -> None:
    mask, camera = scenes()["mask"]
    (holes,) = backend.geometry(mask, [camera])
    assert holes.depth[UPPER_LEFT] == pytest.approx(6, abs=1e-3)
    assert holes.depth[LOWER_LEFT] == pytest.approx(7, abs=1e-3)
    glass, faint = (board(alpha_mode="BLEND", factor=(1, 1, 1, a)) for a in (0.3, 0.01))
    (there,), (gone,) = (backend.geometry(mesh, [camera]) for mesh in (glass, faint))
    assert np.isfinite(there.depth[32, 32]) and not np.isfinite(gone.depth).any()


def test_an_iterator_that_is_left_leaves_a_clean_backend(backend: BlenderBackend) -> None:
    mesh, parts = tower()
    cameras = ring(3, radius=1.8, size=16)
    whole = subject(np.ones(mesh.face_count, bool), cameras, part=WHOLE)
    shots = backend.photograph(mesh, parts, [whole])
    first = next(iter(shots)).picture
    shots.close()  # type: ignore[attr-defined]
    assert np.array_equal(shoot(backend, mesh, *cameras)[0], first)
