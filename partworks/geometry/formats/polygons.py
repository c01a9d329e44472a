"""Polygons to triangles, each polygon's triangles side by side and in file order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

# Ear clipping is quadratic; a larger polygon is fanned, concave or not.
_MOST_CORNERS = 512


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Triangles:
    """Triangles of a list of polygons.

    Attributes:
        corners: (T, 3) int64, positions in the concatenated list of all polygons' corners.
        polygon: (T,) int64, the polygon that each triangle comes from; it never falls.
    """

    corners: Int64
    polygon: Int64


def triangulate(points: Float64, counts: Int64) -> Triangles:
    """Split polygons into triangles: convex ones as fans, concave ones by clipping ears.

    A polygon of n corners gives n - 2 triangles, one of fewer than three corners none.

    Args:
        points: (C, 3) float64, the corners of all polygons, one polygon after another.
        counts: (P,) int64, corners of each polygon; they add up to C.
    """
    starts = np.cumsum(counts) - counts
    pieces = np.maximum(counts - 2, 0)
    polygon = np.repeat(np.arange(len(counts)), pieces)
    first = np.cumsum(pieces) - pieces
    step = np.arange(len(polygon)) - first[polygon]
    start = starts[polygon]
    corners = np.stack([start, start + step + 1, start + step + 2], axis=1)
    for index in _concave(points, counts, starts):
        own = points[starts[index] : starts[index] + counts[index]]
        corners[first[index] : first[index] + pieces[index]] = starts[index] + _clip_ears(own)
    return Triangles(corners=corners, polygon=polygon)


def _concave(points: Float64, counts: Int64, starts: Int64) -> list[int]:
    """Polygons with a corner that turns against the polygon's own normal (Newell's)."""
    if not (counts > 3).any():
        return []
    owner = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(points)) - starts[owner]
    after = starts[owner] + (place + 1) % counts[owner]
    before = starts[owner] + (place - 1) % counts[owner]
    local = points - points[starts[owner]]
    turns = np.cross(points - points[before], points[after] - points)
    swept = np.cross(local, local[after])
    normal = np.stack(
        [np.bincount(owner, swept[:, axis], minlength=len(counts)) for axis in range(3)], axis=1
    )
    turned = (turns * normal[owner]).sum(axis=1)
    against = turned < -1e-9 * (normal[owner] ** 2).sum(axis=1)
    candidates = (counts > 3) & (counts <= _MOST_CORNERS)
    found = np.bincount(owner, against, minlength=len(counts)) > 0
    return [int(index) for index in np.flatnonzero(found & candidates)]


def _clip_ears(points: Float64) -> Int64:
    """(n - 2, 3) corners of one polygon's triangles."""
    flat = _project(points)
    left = list(range(len(flat)))
    triangles = []
    while len(left) > 3:
        ear = _find_ear(flat[left])
        triangles.append((left[ear - 1], left[ear], left[(ear + 1) % len(left)]))
        del left[ear]
    triangles.append((left[0], left[1], left[2]))
    return np.asarray(triangles, np.int64)


def _project(points: Float64) -> Float64:
    """(n, 2) in the plane that loses least, counter-clockwise."""
    local = points - points[0]
    normal = np.cross(local, np.roll(local, -1, axis=0)).sum(axis=0)
    dropped = int(np.abs(normal).argmax())
    u, v = (dropped + 1) % 3, (dropped + 2) % 3
    flat: Float64 = local[:, [u, v]] if normal[dropped] >= 0 else local[:, [v, u]]
    return flat


def _find_ear(flat: Float64) -> int:
    """A convex corner whose triangle holds no other corner; the most convex one if none is free."""
    before, after = np.roll(flat, 1, axis=0), np.roll(flat, -1, axis=0)
    turns = _cross(flat - before, after - flat)
    for ear in np.flatnonzero(turns > 0):
        triangle = before[ear], flat[ear], after[ear]
        others = np.delete(flat, [ear - 1, ear, (ear + 1) % len(flat)], axis=0)
        inside = np.ones(len(others), bool)
        for tail, head in zip(triangle, (*triangle[1:], triangle[0]), strict=True):
            inside &= _cross(head - tail, others - tail) >= 0
        # A corner at the same place as one of the triangle's is how holes are bridged.
        for corner in triangle:
            inside &= (others != corner).any(axis=1)
        if not inside.any():
            return int(ear)
    return int(turns.argmax())


def _cross(a: Float64, b: Float64) -> Float64:
    product: Float64 = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return product
