"""What can be said of a surface without trusting the code that made it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


def welded(vertices: NDArray[Any], faces: NDArray[Any]) -> NDArray[np.int64]:
    """(F, 3) faces over positions instead of vertices."""
    _, position = np.unique(vertices, axis=0, return_inverse=True)
    return np.asarray(position.reshape(-1)[faces], np.int64)


def is_closed(vertices: NDArray[Any], faces: NDArray[Any]) -> bool:
    """Whether every edge is run along as often one way as the other: no rim, one orientation."""
    corners = welded(vertices, faces)
    start = corners.ravel()
    stop = np.roll(corners, -1, axis=1).ravel()
    count = int(corners.max()) + 1
    there = np.sort(start * count + stop)
    back = np.sort(stop * count + start)
    return bool(np.array_equal(there, back))


def volume(vertices: NDArray[Any], faces: NDArray[Any]) -> float:
    """Signed volume of a closed surface; positive if it is wound outward."""
    a, b, c = (vertices[faces[:, i]].astype(np.float64) - vertices.mean(axis=0) for i in range(3))
    return float((np.cross(a, b) * c).sum() / 6)


def shells(vertices: NDArray[Any], faces: NDArray[Any]) -> NDArray[np.int64]:
    """(F,) the connected shell of each face; faces are connected through equal positions."""
    corners = welded(vertices, faces)
    count = int(corners.max()) + 1
    rows, columns = corners[:, [0, 1]].ravel(), corners[:, [1, 2]].ravel()
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    return np.asarray(labels[corners[:, 0]], np.int64)
