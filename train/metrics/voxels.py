"""Solids on grids, and how much of them they share.

A grid has R³ cells that fill [-1, 1]³; a cell belongs to a solid if its centre does. With 64³ it is
the grid of AutoPartGen's Table 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import igl
import numpy as np
from numpy.typing import NDArray

from train.metrics.mesh import TriangleMesh

Bool = NDArray[np.bool_]
Float64 = NDArray[np.float64]

RESOLUTION = 64

_CHUNK = 1 << 18


def cell_centers(resolution: int = RESOLUTION) -> Float64:
    """(R,) float64: the coordinates of the centres of cells along each axis."""
    return (np.arange(resolution) + 0.5) * (2 / resolution) - 1


def voxelise_mesh(mesh: TriangleMesh, *, resolution: int = RESOLUTION) -> Bool:
    """(R, R, R) bool, indexed by x, y, z: cells around whose centres the mesh winds.

    The generalised winding number (Barill et al. 2018, Fast Winding Numbers) closes gaps as well
    as can be; beyond one half, in either sense, is inside, so that a solid turned inside out is the
    same solid.
    """
    grid = np.zeros((resolution,) * 3, bool)
    if mesh.is_empty:
        return grid
    used = mesh.corners.reshape(-1, 3)
    low, high = used.min(axis=0), used.max(axis=0)
    centers = cell_centers(resolution)
    # Outside of the bounding box of a closed mesh there is nothing.
    spans = [
        np.flatnonzero((centers >= a) & (centers <= b)) for a, b in zip(low, high, strict=True)
    ]
    points = np.stack(np.meshgrid(*(centers[span] for span in spans), indexing="ij"), axis=-1)
    if points.size:
        winding = igl.fast_winding_number(mesh.vertices, mesh.faces, points.reshape(-1, 3))
        inside = np.abs(np.asarray(winding)) > 0.5
        grid[np.ix_(*spans)] = inside.reshape(points.shape[:3])
    return grid


def voxelise_field(
    field: Callable[[Float64], NDArray[Any]], *, resolution: int = RESOLUTION
) -> Bool:
    """(R, R, R) bool, indexed by x, y, z: cells at whose centres a field is negative.

    Args:
        field: takes (K, 3) float64 points and gives (K,) values, negative inside, as signed
            distances are; it is asked some cells at a time.
        resolution: cells along a side.
    """
    centers = cell_centers(resolution)
    points = np.stack(np.meshgrid(*(centers,) * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    inside = [
        np.asarray(field(points[start : start + _CHUNK])) < 0
        for start in range(0, len(points), _CHUNK)
    ]
    return np.concatenate(inside).reshape((resolution,) * 3)


def iou(first: Bool, second: Bool) -> float:
    """Intersection over union of two grids: 1 if both are empty, 0 if one is."""
    union = int((first | second).sum())
    return int((first & second).sum()) / union if union else 1.0
