"""Boxes and surfaces of revolution, closed and wound outward."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ingest.samples.curves import arc, arc_length, circle, fillet
from ingest.samples.shape import Float64, Int64, Shape, join, shape

RIGHT, LEFT, TOP, BOTTOM, FRONT, BACK = range(6)
SIDES = (
    ((0, 0, -1), (0, 1, 0)),
    ((0, 0, 1), (0, 1, 0)),
    ((1, 0, 0), (0, 0, -1)),
    ((1, 0, 0), (0, 0, 1)),
    ((1, 0, 0), (0, 1, 0)),
    ((-1, 0, 0), (0, 1, 0)),
)
"""The axes that run right and up on each side of a box, seen from outside: `RIGHT` … `BACK`."""


def box(x: float, y: float, z: float, *, bevel: float = 0.0, steps: int = 2) -> Shape:
    """A box about the origin, its edges rounded by `bevel`.

    UVs are in units of length from the upper left of each side, so that a tiling picture keeps its
    scale; groups are the sides `RIGHT` … `BACK`.
    """
    half = np.asarray([x, y, z], np.float64) / 2
    inner = half - bevel
    ticks = [_ticks(half[axis], bevel, steps) for axis in range(3)]
    sides = []
    for group, (right, up) in enumerate(SIDES):
        sides.append(_side(half, inner, ticks, right=np.asarray(right), up=np.asarray(up)))
        sides[-1].groups[:] = group
    return join(sides)


def _ticks(half: float, bevel: float, steps: int) -> Float64:
    if not bevel:
        return np.asarray([-half, half])
    # equal angles, so that the rounding is even: tan maps the cube's side to the arc
    bend = bevel * np.tan(np.linspace(0.0, np.pi / 4, steps + 1))
    high = half - bevel + bend
    return np.concatenate([-high[::-1], high])


def _side(half: Float64, inner: Float64, ticks: list[Float64], *, right: Int64, up: Int64) -> Shape:
    i, j = int(np.abs(right).argmax()), int(np.abs(up).argmax())
    outward = np.cross(right, up)
    across, along = np.meshgrid(ticks[i], ticks[j])
    flat = across[..., None] * right + along[..., None] * up + outward * half
    core = np.clip(flat, -inner, inner)
    offset = flat - core
    length = np.linalg.norm(offset, axis=-1, keepdims=True)
    bevel = (half - inner)[0]
    points = core + offset * np.where(length > 0, bevel / np.where(length > 0, length, 1), 0)
    uv = np.stack([points @ right + half[i], half[j] - points @ up], axis=-1)
    return grid(points, uv)


def grid(points: NDArray[np.float64], uv: NDArray[np.float64]) -> Shape:
    """Two triangles for each cell of an (M, N, 3) grid; `groups` is the row of the cell.

    Rows run up and columns right, seen from outside. Cells with an edge of no length give one
    triangle.
    """
    rows, columns = points.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b = index[:-1, :-1], index[:-1, 1:]
    c, d = index[1:, 1:], index[1:, :-1]
    faces = np.stack([np.stack([a, b, c], -1), np.stack([a, c, d], -1)], axis=2).reshape(-1, 3)
    groups = np.repeat(np.arange(rows - 1), 2 * (columns - 1))
    flat = points.reshape(-1, 3)
    corner = flat[faces]
    solid = ~(
        (corner[:, 0] == corner[:, 1]).all(1)
        | (corner[:, 1] == corner[:, 2]).all(1)
        | (corner[:, 2] == corner[:, 0]).all(1)
    )
    return shape(flat, faces[solid], uv.reshape(-1, 2), groups=groups[solid])


def lathe(profile: ArrayLike, *, segments: int = 28, closed: bool = False) -> Shape:
    """A surface of revolution about the y axis; `groups` is the side of the profile.

    Args:
        profile: (N, 2) radius and height, running so that the outside lies to its right: upwards
            on an outer wall. From axis to axis it makes a closed surface, and so does a ring.
        segments: steps around; the first lies on +z, and they turn towards +x.
        closed: join the last point to the first, for a ring that does not touch the axis.
    """
    points = np.asarray(profile, np.float64)
    if closed:
        points = np.concatenate([points, points[:1]])
    turn = np.arange(segments + 1) % segments
    angle = 2 * np.pi * turn / segments
    radius, height = points[:, :1], points[:, 1:]
    surface = np.stack(
        np.broadcast_arrays(radius * np.sin(angle), height, radius * np.cos(angle)), axis=-1
    )
    length = arc_length(points)
    u, v = np.meshgrid(np.linspace(0, 1, segments + 1), 1 - length / length[-1])
    return grid(surface, np.stack([u, v], axis=-1))


def cylinder(
    radius: float, height: float, *, bevel: float = 0.0, segments: int = 28, steps: int = 2
) -> Shape:
    """A cylinder about the y axis, from y = 0 up; `cylinder(…).groups` counts profile sides."""
    profile = [(0.0, 0.0), (radius, 0.0), (radius, height), (0.0, height)]
    outline = fillet(profile, bevel, steps=steps) if bevel else np.asarray(profile)
    return lathe(outline, segments=segments)


def sphere(radius: float, *, segments: int = 20, rings: int = 10) -> Shape:
    """A sphere about the origin with poles on the y axis."""
    profile = arc(radius, -90, 90, count=rings + 1)
    profile[[0, -1], 0] = 0.0
    return lathe(profile, segments=segments)


def torus(radius: float, thickness: float, *, segments: int = 32, sides: int = 10) -> Shape:
    """A ring about the y axis; `radius` to the middle of the tube, whose radius is `thickness`."""
    return lathe(circle(thickness, sides, center=(radius, 0.0)), segments=segments, closed=True)
