from __future__ import annotations

import numpy as np
import pytest

from partworks.geometry.mesh import Mesh
from partworks.geometry.texture import Surface
from partworks.geometry.visibility import EmbreeCaster, Visibility
from render.layers import Layer, between_pixels, first_visible, peel, through_pixels
from tests.render.scenes import board, front, stacked

UPPER_LEFT, UPPER_RIGHT, LOWER_LEFT = (16, 16), (16, 48), (48, 16)


def peeled(mesh: Mesh, most: int = 8) -> list[Layer]:
    camera = front()
    shoot = through_pixels(EmbreeCaster(mesh.vertices, mesh.faces), camera)
    return list(peel(mesh, Surface(mesh), shoot, rays=64 * 64, focal=camera.focal, most=most))


def visible(mesh: Mesh) -> Visibility:
    caster = EmbreeCaster(mesh.vertices, mesh.faces)
    return first_visible(mesh, Surface(mesh), caster, front(), most=8)


def at(layer: Layer, pixel: tuple[int, int]) -> np.ndarray:
    (found,) = np.flatnonzero(layer.hits.rays == pixel[0] * 64 + pixel[1])
    return layer.color[found]


def test_an_opaque_surface_is_one_layer() -> None:
    (layer,) = peeled(stacked(board(alpha=(0, 0, 0, 0)), board(z=-1)))
    assert len(layer.hits.rays) == pytest.approx((64 / 1.1) ** 2, rel=0.02)
    np.testing.assert_allclose(at(layer, UPPER_LEFT), [1, 0, 0, 1], atol=1e-6)


def test_a_mask_is_cut_and_what_is_behind_it_seen() -> None:
    first, second = peeled(stacked(board(alpha_mode="MASK", alpha=(255, 100, 0, 128)), board(z=-1)))
    assert [at(first, p)[3] for p in (UPPER_LEFT, UPPER_RIGHT, LOWER_LEFT)] == [1, 0, 0]
    np.testing.assert_allclose(at(second, UPPER_RIGHT), [0, 1, 0, 1], atol=1e-6)
    assert UPPER_LEFT[0] * 64 + UPPER_LEFT[1] not in second.hits.rays


def test_layers_end_with_the_limit() -> None:
    glass = [board(alpha_mode="BLEND", alpha=(128,) * 4, z=-0.1 * k) for k in range(6)]
    assert len(peeled(stacked(*glass))) == 6 + 1  # the last finds nothing behind
    assert len(peeled(stacked(*glass), most=3)) == 3


def test_glass_is_there_but_holes_and_invisible_helpers_are_not() -> None:
    behind = board(z=-1)
    glass = visible(stacked(board(alpha_mode="BLEND", alpha=(30, 30, 5, 0)), behind))
    assert glass.face_id[UPPER_LEFT] in (0, 1) and glass.depth[UPPER_LEFT] == pytest.approx(6)
    assert glass.face_id[LOWER_LEFT] in (2, 3) and glass.depth[LOWER_LEFT] == pytest.approx(7)
    mask = visible(stacked(board(alpha_mode="MASK", alpha=(255, 100, 0, 128)), behind))
    assert mask.face_id[UPPER_LEFT] in (0, 1)
    assert mask.face_id[UPPER_RIGHT] in (2, 3)
    np.testing.assert_allclose(mask.barycentric[UPPER_RIGHT].sum(), 1, atol=1e-6)
    np.testing.assert_allclose(mask.normal[UPPER_RIGHT], [0, 0, 1], atol=1e-6)


def test_nothing_but_helpers_is_background() -> None:
    seen = visible(board(alpha_mode="BLEND", alpha=(0, 0, 0, 0)))
    assert not seen.hit.any() and np.isposinf(seen.depth).all()


def test_a_material_that_its_own_cutoff_would_hide_whole_counts_as_opaque() -> None:
    (layer,) = peeled(board(alpha_mode="MASK", factor=(1, 1, 1, 0)))
    assert (layer.color[:, 3] == 1).all()


def test_rays_between_pixels_meet_the_same_layers() -> None:
    glass = [board(alpha_mode="BLEND", alpha=(128,) * 4, z=-0.1 * k) for k in range(3)]
    mesh, camera = stacked(*glass), front()
    caster = EmbreeCaster(mesh.vertices, mesh.faces)
    rows, columns = np.indices((64, 64)).reshape(2, -1)
    settings = {"rays": 64 * 64, "focal": camera.focal, "most": 8}
    surface = Surface(mesh)
    points = between_pixels(caster, camera, columns + 0.5, rows + 0.5)
    sparse = list(peel(mesh, surface, points, **settings))
    dense = list(peel(mesh, surface, through_pixels(caster, camera), **settings))
    assert len(sparse) == len(dense) == 4
    for one, other in zip(sparse, dense, strict=True):
        for name in ("rays", "face_id", "depth", "normal", "barycentric"):
            np.testing.assert_array_equal(getattr(one.hits, name), getattr(other.hits, name))
        np.testing.assert_array_equal(one.color, other.color)


def test_a_footprint_is_what_a_ray_stands_for() -> None:
    (layer,) = peeled(board())
    np.testing.assert_allclose(layer.footprint, 2.2 / 64, rtol=1e-5)
