from __future__ import annotations

import numpy as np
import pytest

from tests.train.metrics.solids import EMPTY, ball, box
from train.metrics.mesh import TriangleMesh
from train.metrics.sampling import sample_surface


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_points_lie_on_the_surface_with_its_normals() -> None:
    drawn = sample_surface(box((-1, -1, -1), (1, 1, 1)), count=5000, generator=rng())
    assert len(drawn) == 5000
    assert np.abs(drawn.points).max(axis=1) == pytest.approx(1)
    assert np.linalg.norm(drawn.normals, axis=1) == pytest.approx(1)
    # A cube's normal points to the face on which the point lies.
    assert (drawn.points * drawn.normals).sum(axis=1) == pytest.approx(1)


def test_points_are_spread_by_area() -> None:
    """A box of 1 × 2 × 4: its sides have 8, 4 and 2 parts of 14."""
    drawn = sample_surface(box((0, 0, 0), (1, 2, 4)), count=40_000, generator=rng())
    shares = np.abs(drawn.normals).mean(axis=0)
    assert shares == pytest.approx(np.array([8, 4, 2]) / 14, abs=0.01)
    # Six deviations of the mean of a uniform coordinate on each pair of sides.
    assert drawn.points.mean(axis=0) == pytest.approx([0.5, 1, 2], abs=0.05)


def test_places_within_a_triangle_are_uniform() -> None:
    triangle = TriangleMesh(
        vertices=np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]), faces=np.array([[0, 1, 2]])
    )
    points = sample_surface(triangle, count=60_000, generator=rng()).points
    # The halves of a triangle nearest to each corner have a quarter of its area.
    weights = np.stack([1 - points[:, 0] - points[:, 1], points[:, 0], points[:, 1]], axis=1)
    assert (weights > 0.5).mean(axis=0) == pytest.approx(0.25, abs=0.01)


def test_the_generator_decides() -> None:
    mesh = ball(subdivisions=2)
    first, again, other = (
        sample_surface(mesh, count=9, generator=rng(seed)).points for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_where_there_is_no_area_there_are_no_points() -> None:
    flat = TriangleMesh(vertices=np.zeros((3, 3)), faces=np.array([[0, 1, 2]]))
    for mesh in (EMPTY, flat):
        assert len(sample_surface(mesh, count=10, generator=rng())) == 0


def test_faces_without_area_get_no_points() -> None:
    cube = box((-1, -1, -1), (1, 1, 1))
    flat = np.array([[0, 0, 0], [1, 1, 2]])
    mesh = TriangleMesh(vertices=cube.vertices, faces=np.concatenate([flat, cube.faces, flat]))
    drawn = sample_surface(mesh, count=2000, generator=rng())
    assert np.isfinite(drawn.normals).all()
    assert np.array_equal(drawn.points, sample_surface(cube, count=2000, generator=rng()).points)
