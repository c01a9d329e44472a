import numpy as np
import pytest
import trimesh

from partworks.geometry.sampling import sample_surface, surface_points, uniform_barycentric


def test_points_spread_by_area() -> None:
    shape = trimesh.creation.box(extents=(1, 1, 3))
    face, weights = sample_surface(
        shape.vertices, shape.faces, count=1400, generator=np.random.default_rng(0)
    )
    shares = np.bincount(face, minlength=12) / 1400 * shape.area
    assert shares == pytest.approx(shape.area_faces, abs=1.01 * shape.area / 1400)
    points = surface_points(shape.vertices, shape.faces, face, weights)
    assert np.allclose(np.abs(points / shape.extents).max(axis=1), 0.5)


def test_moments_of_a_triangle() -> None:
    weights = uniform_barycentric(200_000, generator=np.random.default_rng(0))
    assert np.allclose(weights.sum(axis=1), 1) and weights.min() >= 0
    assert np.allclose(weights.mean(axis=0), 1 / 3, atol=2e-3)
    # The variance of a barycentric coordinate of a uniform point is 1/18.
    assert np.allclose(weights.var(axis=0), 1 / 18, atol=1e-3)


def test_faces_without_area_get_no_points() -> None:
    vertices = np.asarray([[0, 0, 0], [1, 0, 0], [0, 1, 0], [5, 5, 5]], np.float32)
    faces = np.asarray([[3, 3, 3], [0, 1, 2], [3, 3, 3], [3, 0, 3]], np.int32)
    face, _ = sample_surface(vertices, faces, count=100, generator=np.random.default_rng(0))
    assert set(face.tolist()) == {1}


def test_no_area_no_points() -> None:
    flat = np.zeros((3, 3), np.float32)
    for faces in (np.asarray([[0, 1, 2]]), np.zeros((0, 3), np.int32)):
        face, weights = sample_surface(flat, faces, count=9, generator=np.random.default_rng(0))
        assert face.shape == (0,) and weights.shape == (0, 3)
