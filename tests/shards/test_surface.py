from __future__ import annotations

import igl
import numpy as np
import pytest
import scipy.stats
import trimesh

from partworks.geometry.mesh import Mesh
from partworks.geometry.sampling import sample_surface, surface_points
from shards.surface import Surface
from tests.shards.made import TABLE, box_node
from tests.shards.shapes import ball, every, surface_of, triangles


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


def test_points_are_on_the_surface_before_rounding() -> None:
    """A tilted mesh of many faces: every point fulfils the equation of a face's plane."""
    mesh = ball(subdivisions=3)
    mesh.apply_transform(trimesh.transformations.euler_matrix(0.3, 0.5, 0.7))
    surface = surface_of(mesh)
    points = surface.sample(every(surface), count=3000, generator=np.random.default_rng(0))
    squared, face, _ = igl.point_mesh_squared_distance(
        points[:, :3].astype(np.float64), mesh.vertices.astype(np.float64), mesh.faces
    )
    assert squared.max() < 1e-6**2  # float32, of a size of 2
    np.testing.assert_allclose(points[:, 3:], mesh.face_normals[face], atol=2e-2)
    drawn, weights = sample_surface(
        surface.vertices, surface.faces, count=3000, generator=np.random.default_rng(0)
    )
    exact = surface_points(surface.vertices, surface.faces, drawn, weights)
    off = ((exact - mesh.triangles[drawn, 0]) * mesh.face_normals[drawn]).sum(axis=1)
    assert np.abs(off).max() < 1e-14
    assert weights.min() >= 0


def test_points_within_a_face_are_uniform() -> None:
    """Chi-square over 64 equal cells of a triangle, by halving each coordinate three times."""
    surface = triangles([[0, 0, 0], [8, 0, 0], [0, 8, 0]], [[0, 1, 2]])
    points = surface.sample(np.zeros(1, np.int64), count=32000, generator=np.random.default_rng(7))
    cell = np.floor(points[:, :2].astype(np.float64)).astype(np.int64)
    upper = (points[:, 0] - cell[:, 0]) + (points[:, 1] - cell[:, 1]) > 1
    counts = np.bincount(cell[:, 0] * 16 + cell[:, 1] * 2 + upper, minlength=128)
    counts = counts[counts > 0]
    assert len(counts) == 64
    assert scipy.stats.chisquare(counts).pvalue > 0.01


def test_density_is_uniform_over_faces() -> None:
    """Chi-square over the faces of a mesh whose areas differ a thousandfold.

    Faces are drawn systematically, which is evener than independent draws: never more than a point
    off, and the test's statistic lies below what chance would give.
    """
    mesh = ball(subdivisions=2)
    mesh.apply_scale((1.0, 0.2, 0.05))
    surface = surface_of(mesh)
    points = surface.sample(every(surface), count=40000, generator=np.random.default_rng(3))
    _, face, _ = igl.point_mesh_squared_distance(
        points[:, :3].astype(np.float64), mesh.vertices.astype(np.float64), mesh.faces
    )
    counts = np.bincount(face, minlength=len(mesh.faces))
    expected = 40000 * mesh.area_faces / mesh.area
    assert np.abs(counts - expected).max() < 2
    assert scipy.stats.chisquare(counts, expected).pvalue > 0.01


def test_a_face_without_area_is_never_drawn() -> None:
    surface = triangles(
        [[0, 0, 0], [1, 0, 0], [0, 1, 0], [2, 0, 0]], [[0, 1, 3], [0, 1, 2], [0, 0, 1]]
    )
    points = surface.sample(np.arange(3), count=100, generator=np.random.default_rng(0))
    np.testing.assert_array_equal(points[:, 3:], np.tile([0, 0, 1], (100, 1)))
    assert (points[:, :2].sum(axis=1) <= 1 + 1e-6).all()


def test_faces_without_any_area_are_refused() -> None:
    surface = triangles([[0, 0, 0], [1, 0, 0], [2, 0, 0]], [[0, 1, 2]])
    with pytest.raises(ValueError, match="none of 1 faces has an area"):
        surface.sample(np.zeros(1, np.int64), count=1, generator=np.random.default_rng(0))


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_corner_that_is_not_finite_is_refused(wrong: float) -> None:
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, wrong, 0]])
    with pytest.raises(ValueError, match=r"1 faces have a corner that is not finite.*face 1"):
        Surface(vertices, np.array([[0, 1, 2], [1, 2, 3]]))
    Surface(vertices, np.array([[0, 1, 2]]))  # what no face uses may be anything


@pytest.mark.parametrize("index", [-1, 3])
def test_an_index_out_of_range_is_refused(index: int) -> None:
    with pytest.raises(ValueError, match="there are 3"):
        Surface(np.zeros((3, 3)), np.array([[0, 1, index]]))
