from __future__ import annotations

import numpy as np
import pytest

from tests.train.metrics.solids import EMPTY, ball, box
from train.metrics.mesh import TriangleMesh


def test_a_union_has_all_faces_where_they_were() -> None:
    first, second = ball(), box((0, 0, 0), (1, 1, 1))
    both = TriangleMesh.union([first, EMPTY, second])
    assert np.array_equal(both.corners, np.concatenate([first.corners, second.corners]))
    assert TriangleMesh.union([]).is_empty and TriangleMesh.union([EMPTY]).is_empty


def test_crossed_vectors_close_over_a_closed_surface_and_measure_its_area() -> None:
    crossed = box((0, 0, 0), (1, 2, 3)).crossed
    assert np.linalg.norm(crossed, axis=1).sum() / 2 == pytest.approx(22)
    assert crossed.sum(axis=0) == pytest.approx(0)


@pytest.mark.parametrize(
    ("vertices", "faces", "message"),
    [
        (np.zeros((2, 2)), np.zeros((0, 3), np.int64), r"found \(\(2, 2\), \(0, 3\)\)"),
        (np.zeros((2, 3), np.float32), np.zeros((0, 3), np.int64), "float32"),
        (np.zeros((2, 3)), np.array([[0, 1, 2]]), "vertices 0…2, but there are 2"),
        (np.full((2, 3), np.nan), np.zeros((0, 3), np.int64), "not finite"),
    ],
)
def test_what_is_no_mesh_is_refused(vertices: np.ndarray, faces: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TriangleMesh(vertices=vertices, faces=faces)
