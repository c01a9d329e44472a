from __future__ import annotations

import numpy as np
import pytest

from partworks.geometry.mesh import Mesh
from shards.surface import Surface
from tests.shards.made import TABLE, box_node


@pytest.fixture
def surface() -> Surface:
    mesh = Mesh(nodes=tuple(box_node(box) for box in TABLE))
    return Surface(mesh.vertices, mesh.faces)


def faces_of(part: int) -> np.ndarray:
    return np.arange(12 * part, 12 * part + 12)


def test_box_and_area_of_some_faces(surface: Surface) -> None:
    np.testing.assert_array_equal(surface.box(faces_of(5)), np.float32(TABLE[5]))
    assert surface.area(faces_of(5)) == pytest.approx(2 * (2 * 1 + 2 * 0.1 + 1 * 0.1), rel=1e-6)


def test_points_lie_on_the_part_with_its_normals(surface: Surface) -> None:
    points = surface.sample(faces_of(4), count=500, generator=np.random.default_rng(0))
    assert points.shape == (500, 6)
    assert points.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(points[:, 3:], axis=1), 1, atol=1e-6)
    # On a box, the point's coordinate along its normal is that of the face.
    low, high = np.float32(TABLE[4])
    axis = np.abs(points[:, 3:]).argmax(axis=1)
    side = np.take_along_axis(points[:, 3:], axis[:, None], axis=1)[:, 0]
    along = np.take_along_axis(points[:, :3], axis[:, None], axis=1)[:, 0]
    np.testing.assert_allclose(along, np.where(side > 0, high[axis], low[axis]), atol=1e-6)
    assert (points[:, :3] >= low - 1e-6).all()
    assert (points[:, :3] <= high + 1e-6).all()


def test_points_are_even_by_area(surface: Surface) -> None:
    points = surface.sample(np.arange(72), count=4000, generator=np.random.default_rng(0))
    up = (points[:, 1] > 0.4995) & (points[:, 4] > 0.9)
    share = 2.0 / surface.area(np.arange(72))
    assert up[(points[:, 1] < 0.51)].sum() / 4000 == pytest.approx(share, abs=0.002)


def test_the_first_points_are_a_sample_too(surface: Surface) -> None:
    points = surface.sample(np.arange(72), count=4000, generator=np.random.default_rng(0))
    np.testing.assert_allclose(points[:400, :3].mean(0), points[:, :3].mean(0), atol=0.1)


def test_the_generator_decides(surface: Surface) -> None:
    draw = [
        surface.sample(faces_of(0), count=8, generator=np.random.default_rng(seed)).tobytes()
        for seed in (1, 1, 2)
    ]
    assert draw[0] == draw[1] != draw[2]
