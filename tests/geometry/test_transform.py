import numpy as np
import pytest

from partworks.geometry.measures import face_normals
from partworks.geometry.transform import (
    Matrix,
    flip_faces,
    mirrors,
    multiply,
    transform_normals,
    transform_points,
)

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(50, 3)).astype(np.float32)


def affine(seed: int = 0) -> Matrix:
    matrix = np.eye(4)
    matrix[:3] = np.random.default_rng(seed).normal(size=(3, 4))
    return matrix


def test_points_move_as_homogeneous_coordinates_do() -> None:
    matrix = affine()
    expected = np.column_stack([POINTS, np.ones(50)]) @ matrix.T
    np.testing.assert_allclose(transform_points(POINTS, matrix), expected[:, :3], rtol=1e-6)


def test_a_matrix_for_each_point() -> None:
    matrices = np.stack([affine(seed) for seed in range(50)])
    found = transform_points(POINTS, matrices)
    for point, matrix, moved in zip(POINTS, matrices, found, strict=True):
        np.testing.assert_array_equal(transform_points(point[None], matrix)[0], moved)


def test_the_identity_changes_nothing() -> None:
    assert transform_points(POINTS, np.eye(4)) is POINTS
    assert transform_normals(POINTS, np.eye(4)) is POINTS


def test_multiply_is_the_matrix_product() -> None:
    a, b = RNG.normal(size=(7, 4, 4)), RNG.normal(size=(7, 4, 4))
    np.testing.assert_allclose(multiply(a, b), a @ b, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(multiply(a[0], np.eye(4)), a[0])


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e9])
@pytest.mark.parametrize("mirror", [1.0, -1.0])
def test_normals_stay_normal_to_moved_faces(scale: float, mirror: float) -> None:
    matrix = affine()
    matrix[:3, :3] *= scale
    matrix[:3, 0] *= mirror
    vertices = RNG.normal(size=(90, 3)).astype(np.float32)
    faces = np.arange(90, dtype=np.int32).reshape(-1, 3)
    normals = face_normals(vertices, faces).astype(np.float32)
    moved = vertices.astype(np.float64) @ matrix[:3, :3].T
    expected = face_normals(moved, flip_faces(faces, mirrors(matrix)))
    np.testing.assert_allclose(transform_normals(normals, matrix), expected, atol=1e-5)


def test_a_flattened_surface_has_the_normal_of_its_plane_or_none() -> None:
    flat = np.diag([1.0, 1.0, 0.0, 1.0])
    normals = np.float32([[0, 0, 1], [1, 0, 0]])
    np.testing.assert_array_equal(transform_normals(normals, flat), [[0, 0, 1], [0, 0, 0]])
    np.testing.assert_array_equal(transform_normals(normals, np.zeros((4, 4))), np.zeros((2, 3)))


def test_flipping_single_faces_keeps_their_first_corner() -> None:
    faces = np.arange(6, dtype=np.int32).reshape(2, 3)
    assert flip_faces(faces, np.array([False, True])).tolist() == [[0, 1, 2], [3, 5, 4]]
    assert flip_faces(faces, np.array(True)).tolist() == [[0, 2, 1], [3, 5, 4]]
    assert flip_faces(faces, np.array(False)) is faces
