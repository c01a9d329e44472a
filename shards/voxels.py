"""Which voxels triangles pass through, and the piece of a triangle in a voxel; both exact.

Everything here is in units of voxels: voxel (i, j, k) is the cube [i, i+1] × [j, j+1] × [k, k+1].
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

SLACK = 1e-12
"""Relative: what touches a wall touches it, however the last bits round."""

CHUNK = 1 << 16
"""Triangles at a time, to bound the memory."""

_OCTANTS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """The pieces into which the walls of voxels cut triangles, sorted by triangle, then voxel.

    Attributes:
        face: (N,) int64 the triangle.
        voxel: (N, 3) int64.
        area: (N,) float64 of the piece, in squared voxels; 0 where the triangle only touches.
        point: (N, 3) float64 a point on it.
    """

    face: Int64
    voxel: Int64
    area: Float64
    point: Float64


def cut_triangles(triangles: Float64, *, resolution: int) -> Pieces:
    """Cut triangles along the walls of a grid.

    A voxel is a closed cube: a triangle that lies in a wall is in the voxels on both sides of it,
    as for Open3D, with which TRELLIS makes its grids. The area of such a piece counts on both
    sides.

    Args:
        triangles: (F, 3, 3) float64 corners, in voxels; what lies outside is moved to the border.
        resolution: voxels along each axis.
    """
    inside = triangles.clip(0, resolution)
    chunks = [
        _cut(inside[start : start + CHUNK], resolution, start)
        for start in range(0, max(len(inside), 1), CHUNK)
    ]
    return Pieces(
        face=np.concatenate([chunk.face for chunk in chunks]),
        voxel=np.concatenate([chunk.voxel for chunk in chunks]),
        area=np.concatenate([chunk.area for chunk in chunks]),
        point=np.concatenate([chunk.point for chunk in chunks]),
    )


def _cut(triangles: Float64, resolution: int, start: int) -> Pieces:
    face, voxel = overlapping_voxels(triangles, resolution=resolution)
    corners = triangles[face]
    low = voxel.astype(np.float64)
    point = corners.mean(axis=1)
    sides = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(sides, axis=1) / 2
    crossing = np.flatnonzero(
        ((corners < low[:, None]) | (corners > low[:, None] + 1)).any(axis=(1, 2))
    )
    area[crossing], point[crossing] = clip_to_cubes(corners[crossing], low[crossing])
    return Pieces(face=face + start, voxel=voxel, area=area, point=point)


def overlapping_voxels(triangles: Float64, *, resolution: int) -> tuple[Int64, Int64]:
    """The pairs of a triangle and a voxel that share a point.

    Each triangle starts with the few cells of its own size around it; cells are halved until they
    are voxels, and only those that the triangle meets go on.

    Returns:
        face: (N,) int64 ascending; voxel: (N, 3) int64, ascending for each face.
    """
    low, high = triangles.min(axis=1), triangles.max(axis=1)
    extent = (high - low).max(axis=1, initial=0)
    level = np.ceil(np.log2(np.maximum(extent, 1))).astype(np.int64)
    face, cell = np.zeros(0, np.int64), np.zeros((0, 3), np.int64)
    for depth in range(int(level.max(initial=0)), -1, -1):
        face = np.repeat(face, 8)
        cell = (2 * cell[:, None] + _OCTANTS).reshape(-1, 3)
        own = np.flatnonzero(level == depth)
        more, cells = _cells_of_boxes(low[own] / 2.0**depth, high[own] / 2.0**depth)
        face = np.concatenate([face, own[more]])
        cell = np.concatenate([cell, cells])
        within = ((cell >= 0) & (cell * 2**depth < resolution)).all(axis=1)
        face, cell = face[within], cell[within]
        half = 2.0**depth / 2
        kept = cubes_meet(triangles[face] - ((cell + 0.5) * 2.0**depth)[:, None], half)
        face, cell = face[kept], cell[kept]
    order = np.lexsort((cell[:, 2], cell[:, 1], cell[:, 0], face))
    return face[order], cell[order]


def _cells_of_boxes(low: Float64, high: Float64) -> tuple[Int64, Int64]:
    """The unit cells that boxes touch: (N,) int64 box and (N, 3) int64 cell."""
    first, last = np.ceil(low).astype(np.int64) - 1, np.floor(high).astype(np.int64)
    counts = last - first + 1
    total = counts.prod(axis=1)
    box = np.repeat(np.arange(len(low)), total)
    place = np.arange(total.sum()) - np.repeat(np.cumsum(total) - total, total)
    place, z = np.divmod(place, counts[box, 2])
    x, y = np.divmod(place, counts[box, 1])
    return box, first[box] + np.stack([x, y, z], axis=1)


def cubes_meet(triangles: Float64, half: float) -> Mask:
    """(N,) bool: whether triangles share a point with the cube [-half, half]³.

    The separating axis test of Akenine-Möller 2001: three axes of the cube, the triangle's normal,
    and nine products of an axis and a side.

    Args:
        triangles: (N, 3, 3) float64 corners.
    """
    reach = half * (1 + SLACK)
    meets: Mask = (triangles.min(axis=1) <= reach).all(axis=1)
    meets &= (triangles.max(axis=1) >= -reach).all(axis=1)
    rows = np.flatnonzero(meets)
    corners = triangles[rows]
    sides = np.roll(corners, -1, axis=1) - corners
    normal = np.cross(sides[:, 0], sides[:, 1])
    along = np.abs((normal * corners[:, 0]).sum(axis=1))
    kept = along <= reach * np.abs(normal).sum(axis=1) + SLACK
    for side in range(3):
        for axis in range(3):
            first, second = (axis + 1) % 3, (axis + 2) % 3
            along_first, along_second = sides[:, side, first], sides[:, side, second]
            shadow = corners[..., second] * along_first[:, None]
            shadow -= corners[..., first] * along_second[:, None]
            radius = reach * (np.abs(along_first) + np.abs(along_second)) + SLACK
            kept &= (shadow.min(axis=1) <= radius) & (shadow.max(axis=1) >= -radius)
    meets[rows] = kept
    return meets


def clip_to_cubes(triangles: Float64, low: Float64) -> tuple[Float64, Float64]:
    """The areas of the pieces of triangles in unit cubes, and a point on each.

    Sutherland and Hodgman 1974: cut by one wall after another; each may add a corner.

    Args:
        triangles: (N, 3, 3) float64 corners.
        low: (N, 3) float64 lower corners of the cubes.

    Returns:
        (N,) float64 and (N, 3) float64: the mean of the piece's corners.
    """
    polygon = triangles - low[:, None]
    count = np.full(len(polygon), 3)
    for axis in range(3):
        polygon, count = _cut_off(polygon, count, polygon[..., axis])
        polygon, count = _cut_off(polygon, count, 1 - polygon[..., axis])
    exists = np.arange(polygon.shape[1]) < count[:, None]
    # A triangle that only touches may lose its last corner to rounding.
    fallback = (triangles.mean(axis=1) - low).clip(0, 1)
    total = (polygon * exists[..., None]).sum(axis=1)
    mean = np.where(count[:, None] > 0, total / np.maximum(count, 1)[:, None], fallback)
    fan = np.where(exists[..., None], polygon, polygon[:, :1]) - polygon[:, :1]
    doubled = np.cross(fan[:, 1:-1], fan[:, 2:]).sum(axis=1)
    return np.linalg.norm(doubled, axis=1) / 2, mean + low


def _cut_off(polygon: Float64, count: Int64, height: Float64) -> tuple[Float64, Int64]:
    """Polygons without what lies below height 0.

    Args:
        polygon: (N, K, 3) corners, of which the first `count` exist.
        height: (N, K) of each corner.
    """
    slots = polygon.shape[1]
    exists = np.arange(slots) < count[:, None]
    following = (np.arange(slots) + 1) % np.maximum(count, 1)[:, None]
    next_height = np.take_along_axis(height, following, axis=1)
    next_corner = np.take_along_axis(polygon, following[..., None], axis=1)
    above, next_above = height >= 0, next_height >= 0
    crosses = exists & (above != next_above)
    drop = np.where(crosses, height - next_height, 1.0)
    between = polygon + (height / drop)[..., None] * (next_corner - polygon)
    slot = np.stack([exists & above, crosses], axis=2).reshape(-1, 2 * slots)
    corner = np.stack([polygon, between], axis=2).reshape(-1, 2 * slots, 3)
    # A wall adds one corner to a convex polygon at the most.
    order = np.argsort(~slot, axis=1, kind="stable")[:, : slots + 1]
    return np.take_along_axis(corner, order[..., None], axis=1), slot.sum(axis=1)
