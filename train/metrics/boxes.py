"""Axis-aligned boxes: how well a part keeps to the one that it was given."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.metrics.mesh import TriangleMesh

Float64 = NDArray[np.float64]


def mesh_box(mesh: TriangleMesh) -> Float64 | None:
    """(2, 3) float64 lower and upper corner around the faces of a mesh; None without any."""
    if mesh.is_empty:
        return None
    corners = mesh.corners.reshape(-1, 3)
    box: Float64 = np.stack([corners.min(axis=0), corners.max(axis=0)])
    return box


def box_iou(first: NDArray[Any], second: NDArray[Any]) -> float:
    """Intersection over union of two (2, 3) boxes by volume, 0…1.

    Two boxes without volume, such as flat ones, agree only where they are equal.
    """
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    low, high = np.maximum(first[0], second[0]), np.minimum(first[1], second[1])
    shared = float(np.prod((high - low).clip(min=0)))
    union = float(np.prod(first[1] - first[0]) + np.prod(second[1] - second[0])) - shared
    return shared / union if union > 0 else float(np.array_equal(first, second))


def box_following(mesh: TriangleMesh, box: NDArray[Any]) -> float:
    """IoU of a given (2, 3) box and that of the mesh which was made for it; 0 of an empty mesh."""
    own = mesh_box(mesh)
    return 0.0 if own is None else box_iou(own, box)
