"""How much the surface bends about each face: outwards, inwards or not at all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]


def mean_curvature(pairs: Int32, angle: Float32, length: Float32, *, areas: Float64) -> Float32:
    """(F,) float32: mean curvature about each face, > 0 convex, < 0 concave, per unit of length.

    The integral of mean curvature over a piece of a polyhedron is half the sum of angle times
    length over its edges (Cohen-Steiner and Morvan 2003, Restricted Delaunay triangulations and
    normal cycle). Each edge is shared out between its two faces, each face is smoothed once with
    its neighbours, and the sum is divided by the area of all of them. Its mean over a piece of the
    surface does not depend on the tessellation, though a crease is as sharp as the faces beside it
    are narrow. A sphere of radius r has 1 / r, a cylinder half of that.

    Args:
        pairs: (E, 2) int32 faces that share an edge.
        angle: (E,) float32 radians between their normals, > 0 convex, seen from outside.
        length: (E,) float32.
        areas: (F,) float64.
    """
    bend = 0.25 * angle.astype(np.float64) * length
    total = _beside(pairs, np.stack([bend, bend], axis=1), len(areas))
    pooled = total + _beside(pairs, total[pairs[:, ::-1]], len(areas))
    area = areas + _beside(pairs, areas[pairs[:, ::-1]], len(areas))
    return np.divide(pooled, area, out=np.zeros(len(areas)), where=area > 0).astype(np.float32)


def _beside(pairs: Int32, values: Float64, count: int) -> Float64:
    """(count,) float64: the sum of `values` (E, 2), one for either face of each pair."""
    sums = np.bincount(pairs.reshape(-1), values.reshape(-1), minlength=count)
    return sums.astype(np.float64)
