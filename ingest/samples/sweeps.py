"""Tubes along a path and outlines pulled into the third dimension."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ingest.samples.curves import arc_length, circle
from ingest.samples.shape import Float64, Int64, Shape, join, shape
from ingest.samples.solids import grid

WALL, START, END = range(3)


def tube(
    path: ArrayLike,
    radius: ArrayLike,
    *,
    sides: int = 12,
    section: ArrayLike | None = None,
    closed: bool = False,
) -> Shape:
    """A tube swept along a path, without twist; groups are `WALL`, `START` and `END`.

    Args:
        path: (N, 3) points.
        radius: a number, or (N,) one for each point.
        sides: corners of the round section.
        section: (M, 2) counter-clockwise outline for another section, scaled by `radius`.
        closed: the path returns to its first point, and there are no caps.
    """
    points = np.asarray(path, np.float64)
    outline = circle(1.0, sides) if section is None else np.asarray(section, np.float64)
    right, up = _frames(points, closed=closed)
    size = np.broadcast_to(np.asarray(radius, np.float64), len(points))[:, None, None]
    ring = points[:, None] + size * (
        outline[None, :, :1] * right[:, None] + outline[None, :, 1:] * up[:, None]
    )
    if closed:
        points, ring = np.concatenate([points, points[:1]]), np.concatenate([ring, ring[:1]])
    ring = np.concatenate([ring, ring[:, :1]], axis=1)
    length = arc_length(points)
    u, v = np.meshgrid(np.linspace(0, 1, ring.shape[1]), 1 - length / length[-1])
    wall = grid(ring, np.stack([u, v], axis=-1))
    wall.groups[:] = WALL
    if closed:
        return wall
    return join([wall, _cap(ring[0, :-1], outline, START), _cap(ring[-1, :-1], outline, END)])


def _frames(points: Float64, *, closed: bool) -> tuple[Float64, Float64]:
    """Right and up vectors of each point, carried along without twist (parallel transport)."""
    if closed:
        tangent = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    else:
        tangent = np.gradient(points, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    start = np.eye(3)[int(np.abs(tangent[0]).argmin())]
    right = np.zeros_like(points)
    for i in range(len(points)):  # each frame depends on the one before
        carried = start if i == 0 else right[i - 1]
        carried = carried - tangent[i] * (carried @ tangent[i])
        right[i] = carried / np.linalg.norm(carried)
    return right, np.cross(tangent, right)


def _cap(ring: Float64, outline: Float64, group: int) -> Shape:
    count = len(ring)
    corner = np.arange(count)
    fan = np.stack([np.full(count, count), corner, np.roll(corner, -1)], axis=1)
    uv = np.concatenate([outline, [[0.0, 0.0]]]) * (0.5, -0.5) + 0.5
    vertices = np.concatenate([ring, ring.mean(axis=0, keepdims=True)])
    return shape(vertices, fan if group == END else fan[:, ::-1], uv, groups=group)


def extrude(outline: ArrayLike, depth: float, *, bevel: float = 0.0, steps: int = 2) -> Shape:
    """An outline in the xy plane pulled along z, about z = 0; groups: `WALL`, back, front.

    Args:
        outline: (N, 2) simple polygon, counter-clockwise.
        depth: the full thickness.
        bevel: rounding of the edges of both faces; the faces shrink by as much, or by as much as
            the tightest corner allows.
        steps: pieces of the rounding.
    """
    flat = np.asarray(outline, np.float64)
    miter = _miter(flat)
    bevel = min(bevel, _room(flat, miter))
    if bevel:
        angle = np.linspace(0.0, np.pi / 2, steps + 1)
        inset = bevel * (1 - np.sin(angle))
        z = depth / 2 - bevel * (1 - np.cos(angle))
        inset, z = np.concatenate([inset, inset[::-1]]), np.concatenate([-z, z[::-1]])
    else:
        inset, z = np.zeros(2), np.asarray([-depth / 2, depth / 2])
    ring = np.zeros((len(z), len(flat), 3))
    ring[..., :2] = flat + inset[:, None, None] * miter
    ring[..., 2] = z[:, None]
    closed = np.concatenate([ring, ring[:, :1]], axis=1)
    length = arc_length(np.concatenate([flat, flat[:1]]))
    u, v = np.meshgrid(length, depth / 2 - z)
    # rows must run up and columns right seen from outside: along z and against the outline
    wall = grid(closed[:, ::-1], np.stack([-u, v], axis=-1)[:, ::-1])
    wall = shape(wall.vertices, wall.faces[:, ::-1], wall.uv, groups=WALL)
    triangles = triangulate(ring[0, :, :2])
    planar = ring[0, :, :2] * (1.0, -1.0)
    back = shape(ring[0], triangles[:, ::-1], planar * (-1.0, 1.0), groups=START)
    front = shape(ring[-1], triangles, planar, groups=END)
    return join([wall, back, front])


def _miter(outline: Float64) -> Float64:
    """(N, 2) step that moves both sides of each corner inwards by one unit."""
    side = np.roll(outline, -1, axis=0) - outline
    inward = np.stack([-side[:, 1], side[:, 0]], axis=1)
    inward /= np.linalg.norm(inward, axis=1, keepdims=True)
    before = np.roll(inward, 1, axis=0)
    miter: Float64 = (inward + before) / (1 + (inward * before).sum(axis=1, keepdims=True))
    return miter


def _room(outline: Float64, miter: Float64) -> float:
    """How far the outline may shrink before one of its sides turns around."""
    side = np.roll(outline, -1, axis=0) - outline
    shrink = -(side * (np.roll(miter, -1, axis=0) - miter)).sum(axis=1)
    return float(0.9 * ((side**2).sum(axis=1) / np.maximum(shrink, 1e-12)).min())


def triangulate(outline: Float64) -> Int64:
    """(N - 2, 3) triangles of a simple counter-clockwise polygon, by cutting off ears."""
    left = list(range(len(outline)))
    triangles = []
    while len(left) > 3:
        ears = (i for i in range(len(left)) if _is_ear(outline, left, i))
        ear = max(ears, key=lambda i: _fatness(outline, left, i))
        triangles.append((left[ear - 1], left[ear], left[(ear + 1) % len(left)]))
        del left[ear]
    return np.asarray([*triangles, tuple(left)], np.int64)


def _is_ear(outline: Float64, left: list[int], i: int) -> bool:
    a, b, c = (outline[left[k % len(left)]] for k in (i - 1, i, i + 1))
    if _area(a, b, c) <= 0:
        return False
    others = [k for k in left if k not in (left[i - 1], left[i], left[(i + 1) % len(left)])]
    p = outline[others].T
    inside = (_area(a, b, p) >= 0) & (_area(b, c, p) >= 0) & (_area(c, a, p) >= 0)
    return not bool(np.any(inside))


def _area(a: Float64, b: Float64, c: Float64) -> Float64:
    doubled: Float64 = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return doubled


def _fatness(outline: Float64, left: list[int], i: int) -> float:
    """Area over the longest side squared: fat ears first leave no slivers."""
    a, b, c = (outline[left[k % len(left)]] for k in (i - 1, i, i + 1))
    longest = max(float(((p - q) ** 2).sum()) for p, q in ((a, b), (b, c), (c, a)))
    return float(_area(a, b, c)) / longest
