"""How fine an object's coordinates are, how thin it is, and how convex."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.even_points import EvenPoints
from partworks.geometry.measures import face_normals
from partworks.geometry.mesh import Mesh

Float64 = NDArray[np.float64]

COARSE = 1 << 16
"""Float32 steps along the longest side below which coordinates are called coarse."""

_PLANES = 256
_WITNESSES = 1024
_SLACK = 0.01


def resolution(mesh: Mesh) -> float:
    """Float32 steps along the longest side, at the coordinate farthest from the origin."""
    bounds = mesh.bounds
    step = float(np.spacing(np.float32(np.abs(bounds).max())))
    return float((bounds[1] - bounds[0]).max()) / step


def thickness(vertices: NDArray[Any], faces: NDArray[Any], points: EvenPoints) -> float:
    """The extent across an object's flattest direction, as a share of the largest extent.

    The direction is that of the least spread of the surface, so a turned plane is as thin as one
    that lies along the axes.
    """
    centered = points.position - points.weight @ points.position
    spread = (points.weight[:, None] * centered).T @ centered
    axes = np.linalg.eigh(spread)[1]
    used = np.zeros(len(vertices), bool)
    used[faces] = True
    extents = np.ptp(vertices[used].astype(np.float64) @ axes, axis=0)
    return float(extents[0] / extents.max())


def convexity(vertices: NDArray[Any], faces: NDArray[Any], points: EvenPoints) -> float:
    """The share of the surface whose plane has all of the object on one side, from 0 to 1.

    Boxes, balls, cylinders and sheets have 1, whatever their proportions. Judged by a few hundred
    planes and a thousand points; hollows of a hundredth of the longest side are passed over.
    """
    planes = _spread_out(points.weight, _PLANES)
    witnesses = points.position[_spread_out(points.weight, _WITNESSES)]
    normals = face_normals(vertices, faces[points.face[planes]])
    place = (points.position[planes] * normals).sum(axis=1)
    side = witnesses @ normals.T - place
    slack = _SLACK * float(np.ptp(points.position, axis=0).max())
    alone = (side.max(axis=0) <= slack) | (side.min(axis=0) >= -slack)
    return float(alone.mean())


def _spread_out(weight: Float64, count: int) -> NDArray[np.int64]:
    """`count` indices at equal steps of the summed weight."""
    total = np.cumsum(weight)
    at = (np.arange(count) + 0.5) * (total[-1] / count)
    chosen: NDArray[np.int64] = np.searchsorted(total, at).clip(max=len(weight) - 1)
    return chosen
