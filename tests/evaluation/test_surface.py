from __future__ import annotations

import numpy as np
import pytest

from partworks.evaluation.surface import surface_graph
from tests.evaluation.grids import grid, grid_mesh


def test_a_grid_of_two_cells() -> None:
    found = grid(2, 1)
    assert found.areas == pytest.approx([0.5] * 4)
    assert sorted(map(tuple, found.pairs.tolist())) == [(0, 1), (0, 3), (2, 3)]
    shared = found.edge[(found.pairs == [0, 3]).all(axis=1)][0]
    assert sorted(found.ends[shared].tolist()) == [[1, 0, 0], [1, 1, 0]]
    assert found.component.tolist() == [0, 0, 0, 0]
    assert found.diagonal == pytest.approx(5**0.5)


def test_seams_are_welded_and_ends_keep_their_places() -> None:
    vertices, faces = grid_mesh(2, 1)
    torn = surface_graph(vertices[faces].reshape(-1, 3), np.arange(12).reshape(4, 3))
    whole = grid(2, 1)
    for found in (torn, whole):
        lengths = np.linalg.norm(found.ends[:, 0] - found.ends[:, 1], axis=1)
        assert sorted(lengths) == pytest.approx([1, 2**0.5, 2**0.5])
    assert torn.component.tolist() == whole.component.tolist()
    assert torn.pairs.tolist() == whole.pairs.tolist()


def test_faces_on_a_branching_edge_share_it() -> None:
    vertices = np.asarray([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, -1, 0]], np.float32)
    found = surface_graph(vertices, np.asarray([[0, 1, 2], [0, 1, 3], [0, 1, 4]], np.int32))
    assert len(found.pairs) == 3 and set(found.edge.tolist()) == {0} and len(found.ends) == 1
