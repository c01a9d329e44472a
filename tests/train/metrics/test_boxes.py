from __future__ import annotations

import numpy as np
import pytest

from train.metrics.boxes import box_following, box_iou, mesh_box
from train.metrics.mesh import TriangleMesh

UNIT = np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])


def tetrahedron() -> TriangleMesh:
    vertices = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [9, 9, 9]])
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    return TriangleMesh(vertices=vertices, faces=faces)


@pytest.mark.parametrize(
    ("move", "wanted"), [(0.0, 1.0), (0.5, 1 / 3), (1.0, 0.0), (2.0, 0.0), (-0.25, 0.6)]
)
def test_cubes_that_are_moved_apart(move: float, wanted: float) -> None:
    moved = UNIT + np.array([move, 0.0, 0.0])
    assert box_iou(UNIT, moved) == pytest.approx(wanted)
    assert box_iou(moved, UNIT) == pytest.approx(wanted)


def test_boxes_apart_along_two_axes_share_nothing() -> None:
    """The product of two negative lengths would be positive."""
    assert box_iou(UNIT, UNIT + np.array([3.0, 3.0, 0.0])) == 0.0


def test_a_box_in_a_box() -> None:
    assert box_iou(UNIT, 2 * UNIT) == pytest.approx(1 / 8)


def test_flat_boxes() -> None:
    flat = UNIT * [1, 0, 1]
    assert box_iou(flat, flat) == 1.0
    assert box_iou(flat, flat + np.array([0.0, 1.0, 0.0])) == 0.0


def test_only_vertices_with_faces_count() -> None:
    box = mesh_box(tetrahedron())
    assert box is not None
    np.testing.assert_array_equal(box, UNIT)
    assert box_following(tetrahedron(), 2 * UNIT) == pytest.approx(1 / 8)


def test_an_empty_mesh_follows_no_box() -> None:
    assert mesh_box(TriangleMesh.empty()) is None
    assert box_following(TriangleMesh.empty(), UNIT) == 0.0
