import numpy as np
import pytest
import trimesh

from partworks.geometry.measures import face_areas, face_normals


def test_right_triangle_has_half_its_legs_product_and_points_up() -> None:
    vertices = np.asarray([[0, 0, 0], [3, 0, 0], [0, 4, 0]], np.float32)
    faces = np.asarray([[0, 1, 2], [0, 2, 1]], np.int32)
    assert face_areas(vertices, faces).tolist() == [6.0, 6.0]
    assert face_normals(vertices, faces).tolist() == [[0, 0, 1], [0, 0, -1]]


def test_sphere_area_and_divergence_theorem() -> None:
    sphere = trimesh.creation.icosphere(subdivisions=5, radius=2.0)
    areas = face_areas(sphere.vertices, sphere.faces)
    normals = face_normals(sphere.vertices, sphere.faces)
    assert areas.sum() == pytest.approx(16 * np.pi, rel=2e-3)
    assert np.abs((areas[:, None] * normals).sum(axis=0)).max() < 1e-9
    centroids = sphere.vertices[sphere.faces].mean(axis=1)
    volume = (areas * np.einsum("ij,ij->i", centroids, normals)).sum() / 3
    assert volume == pytest.approx(sphere.volume, rel=1e-9)


@pytest.mark.parametrize("scale", [1e-18, 1e-3, 1.0, 1e12])
def test_normals_do_not_depend_on_scale(scale: float) -> None:
    sphere = trimesh.creation.icosphere(subdivisions=2)
    expected = face_normals(sphere.vertices, sphere.faces)
    scaled = face_normals((sphere.vertices * scale).astype(np.float32), sphere.faces)
    assert np.abs(scaled - expected).max() < 1e-5


def test_degenerate_faces_have_no_area_and_no_normal() -> None:
    vertices = np.asarray([[0, 0, 0], [1, 1, 1], [2, 2, 2]], np.float32)
    faces = np.asarray([[0, 1, 2], [0, 0, 1], [1, 1, 1]], np.int32)
    assert face_areas(vertices, faces).tolist() == [0, 0, 0]
    assert not face_normals(vertices, faces).any()


def test_no_faces() -> None:
    vertices, faces = np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)
    assert face_areas(vertices, faces).shape == (0,)
    assert face_normals(vertices, faces).shape == (0, 3)
