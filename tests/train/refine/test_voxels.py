from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import trimesh

from train.metrics.mesh import TriangleMesh
from train.metrics.sampling import sample_surface
from train.refine.voxels import surface_voxels


def mesh_of(vertices: object, faces: object) -> TriangleMesh:
    return TriangleMesh(
        vertices=np.array(vertices, np.float64), faces=np.array(faces, np.int64).reshape(-1, 3)
    )


def ball() -> TriangleMesh:
    shape = trimesh.creation.icosphere(subdivisions=3, radius=0.83)
    return mesh_of(shape.vertices, shape.faces)


def test_a_plane_touches_one_layer() -> None:
    plane = mesh_of([[-1, 0.1, -1], [1, 0.1, -1], [1, 0.1, 1], [-1, 0.1, 1]], [0, 1, 2, 0, 2, 3])
    found = surface_voxels(plane, resolution=8)
    assert found.tolist() == [[x, 4, z] for x, z in product(range(8), repeat=2)]


def test_a_plane_between_two_layers_touches_both() -> None:
    plane = mesh_of([[-1, 0, -1], [1, 0, -1], [1, 0, 1], [-1, 0, 1]], [0, 1, 2, 0, 2, 3])
    assert set(surface_voxels(plane, resolution=8)[:, 1].tolist()) == {3, 4}


@pytest.mark.parametrize("resolution", [7, 64])
def test_all_points_of_the_surface_lie_in_its_voxels(resolution: int) -> None:
    points = sample_surface(ball(), count=20_000, generator=np.random.default_rng(0)).points
    cells = {tuple(cell) for cell in np.floor((points + 1) * resolution / 2).astype(int).tolist()}
    found = {tuple(cell) for cell in surface_voxels(ball(), resolution=resolution).tolist()}
    assert cells <= found
    # And no voxel that the ball's surface, within the error of its faces, does not pass through.
    middle = (np.array(sorted(found)) + 0.5) * 2 / resolution - 1
    reach = np.sqrt(3) / resolution + 0.83 * 0.01
    assert np.abs(np.linalg.norm(middle, axis=1) - 0.83).max() <= reach


def test_a_slanted_triangle_touches_no_more_than_it_must() -> None:
    """Against dense points on it: whatever a voxel shares with it, points within find."""
    triangle = mesh_of([[-0.91, -0.83, -0.71], [0.87, -0.2, 0.33], [0.1, 0.93, 0.61]], [0, 1, 2])
    points = sample_surface(triangle, count=400_000, generator=np.random.default_rng(1)).points
    dense = {tuple(cell) for cell in np.floor((points + 1) * 8).astype(int).tolist()}
    found = {tuple(cell) for cell in surface_voxels(triangle, resolution=16).tolist()}
    assert dense <= found
    # What the points missed, they missed by little.
    cells = (points + 1) * 8
    for cell in np.array(sorted(found - dense)):
        apart = np.maximum(np.maximum(cell - cells, cells - cell - 1), 0)
        assert np.linalg.norm(apart, axis=1).min() < 0.05


def test_many_faces_are_done_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = surface_voxels(ball(), resolution=20)
    monkeypatch.setattr("train.refine.voxels._CHUNK", 50)
    np.testing.assert_array_equal(surface_voxels(ball(), resolution=20), whole)


def test_what_is_outside_has_none() -> None:
    assert len(surface_voxels(TriangleMesh.empty())) == 0
    away = mesh_of([[2, 0, 0], [3, 0, 0], [2, 1, 0]], [0, 1, 2])
    assert len(surface_voxels(away)) == 0
    corner = mesh_of([[-1, -1, -1], [-0.99, -1, -1], [-1, -0.99, -1]], [0, 1, 2])
    assert surface_voxels(corner).tolist() == [[0, 0, 0]]
