from __future__ import annotations

from math import pi

import numpy as np
import pytest

from tests.train.metrics.solids import EMPTY, ball, box
from train.metrics.mesh import TriangleMesh
from train.metrics.voxels import cell_centers, iou, voxelise_field, voxelise_mesh

CELL = (2 / 64) ** 3


def flipped(mesh: TriangleMesh) -> TriangleMesh:
    return TriangleMesh(vertices=mesh.vertices, faces=mesh.faces[:, ::-1].copy())


def test_cells_fill_the_frame() -> None:
    centers = cell_centers(4)
    assert centers.tolist() == [-0.75, -0.25, 0.25, 0.75]


def test_a_box_fills_exactly_the_cells_whose_centres_it_holds() -> None:
    grid = voxelise_mesh(box((-1, -0.5, 0), (0, 0.25, 1)), resolution=8)
    expected = np.zeros((8, 8, 8), bool)
    expected[0:4, 2:5, 4:8] = True
    assert np.array_equal(grid, expected)


def test_a_mesh_and_its_signed_distance_fill_the_same_cells() -> None:
    # A radius that no cell's centre comes near, so that the facets do not matter.
    grid = voxelise_mesh(ball(0.6, subdivisions=6))
    field = voxelise_field(lambda points: np.linalg.norm(points, axis=1) - 0.6)
    assert (grid != field).mean() < 1e-4
    assert grid.sum() * CELL == pytest.approx(4 / 3 * pi * 0.6**3, rel=1e-2)


def test_the_axes_are_x_y_z() -> None:
    field = voxelise_field(lambda points: points @ np.array([1.0, 10.0, 100.0]), resolution=4)
    x, y, z = np.meshgrid(*(cell_centers(4),) * 3, indexing="ij")
    assert np.array_equal(field, x + 10 * y + 100 * z < 0)


def test_inside_out_and_hollow() -> None:
    solid = voxelise_mesh(ball(0.8))
    assert np.array_equal(voxelise_mesh(flipped(ball(0.8))), solid)
    hollow = voxelise_mesh(TriangleMesh.union([ball(0.8), flipped(ball(0.4))]))
    assert np.array_equal(hollow, solid & ~voxelise_mesh(ball(0.4)))


def test_parts_within_one_another_are_solid() -> None:
    nested = voxelise_mesh(TriangleMesh.union([ball(0.8), ball(0.4)]))
    assert np.array_equal(nested, voxelise_mesh(ball(0.8)))


def test_a_small_hole_is_closed() -> None:
    whole = ball(0.6, subdivisions=3)
    holed = TriangleMesh(vertices=whole.vertices, faces=whole.faces[3:])
    assert iou(voxelise_mesh(holed), voxelise_mesh(whole)) > 0.99


@pytest.mark.parametrize(("small", "large"), [(0.5, 0.8), (0.7, 0.75)])
def test_iou_of_two_spheres_is_the_cube_of_the_ratio_of_their_radii(
    small: float, large: float
) -> None:
    found = iou(voxelise_mesh(ball(small)), voxelise_mesh(ball(large)))
    assert found == pytest.approx((small / large) ** 3, rel=1e-2)


def test_iou_of_shifted_boxes() -> None:
    first, second = box((-1, -1, -1), (0, 1, 1)), box((-0.5, -1, -1), (0.5, 1, 1))
    assert iou(voxelise_mesh(first), voxelise_mesh(second)) == 1 / 3


def test_iou_of_nothing() -> None:
    empty, full = voxelise_mesh(EMPTY), voxelise_mesh(ball())
    assert not empty.any() and empty.shape == (64, 64, 64)
    assert iou(empty, empty) == 1
    assert iou(empty, full) == iou(full, empty) == 0
    assert iou(full, full) == 1


def test_what_lies_beyond_the_frame_does_not_count() -> None:
    assert not voxelise_mesh(ball(0.5, at=(3, 0, 0))).any()
    assert voxelise_mesh(box((-2, -2, -2), (2, 2, 2))).all()
