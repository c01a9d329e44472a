"""The clay that samples are made of: triangles with UVs, and a group per face."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

AXES = {"x": 0, "y": 1, "z": 2}
GRID = 1e-5
"""Positions and UVs are whole multiples of this, so that sines that differ in their last bit from
one processor to another still give the same bytes, and seams close exactly."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """A piece of surface.

    Attributes:
        vertices: (V, 3) float64, y up.
        faces: (F, 3) int64, counter-clockwise from outside.
        uv: (V, 2) float64, origin at the top left of the picture.
        groups: (F,) int64, what each maker of shapes says of its sides, bands or caps.
        colors: (V, 4) float64 linear RGBA, or None.
        normals: (V, 3) float64, set by `smoothed` as the last step, or None.
    """

    vertices: Float64
    faces: Int64
    uv: Float64
    groups: Int64
    colors: Float64 | None = None
    normals: Float64 | None = None

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Shape:
        """The shape shifted."""
        return replace(self, vertices=np.add(self.vertices, (x, y, z)))

    def scaled(self, x: float, y: float, z: float) -> Shape:
        """The shape stretched about the origin; an odd number of mirrorings turns the winding."""
        assert self.normals is None
        faces = self.faces[:, ::-1] if x * y * z < 0 else self.faces
        return replace(self, vertices=self.vertices * (x, y, z), faces=faces)

    def turned(self, axis: str, degrees: float) -> Shape:
        """The shape rotated about an axis, counter-clockwise as seen from the axis' tip."""
        assert self.normals is None
        i = AXES[axis]
        j, k = (i + 1) % 3, (i + 2) % 3
        cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        vertices = self.vertices.copy()
        vertices[:, j] = cos * self.vertices[:, j] - sin * self.vertices[:, k]
        vertices[:, k] = sin * self.vertices[:, j] + cos * self.vertices[:, k]
        return replace(self, vertices=vertices)

    def tiled(self, u: float, v: float) -> Shape:
        """The shape with its UVs multiplied: the picture repeats `u` times as often across."""
        return replace(self, uv=self.uv * (u, v))

    def swelled(self, factors: Float64) -> Shape:
        """The shape with each vertex (V,) times as far from the origin."""
        return replace(self, vertices=self.vertices * factors[:, None])

    def projected(self, axis: str, scale: float) -> Shape:
        """The shape with its picture laid on along an axis, `scale` times to a unit of length."""
        across, along = {"x": (2, 1), "y": (0, 2), "z": (0, 1)}[axis]
        return replace(self, uv=scale * self.vertices[:, [across, along]])

    def pinned(self, u: float, v: float) -> Shape:
        """The shape with one point of the picture all over."""
        return replace(self, uv=np.broadcast_to(np.asarray((u, v)), self.uv.shape).copy())

    def upright(self) -> Shape:
        """The shape with its picture turned by a quarter, so that a grain runs the other way."""
        return replace(self, uv=self.uv[:, ::-1] * (1.0, -1.0))

    def fitted(self, *groups: int) -> Shape:
        """The shape with the UVs of each of these groups (all by default) stretched to the picture.

        The groups must not share vertices.
        """
        uv = self.uv.copy()
        for group in groups or np.unique(self.groups):
            members = np.unique(self.faces[self.groups == group])
            low, high = uv[members].min(axis=0), uv[members].max(axis=0)
            uv[members] = (uv[members] - low) / (high - low)
        return replace(self, uv=uv)

    def tinted(self, rgb: ArrayLike) -> Shape:
        """The shape with vertex colours: one linear RGB for all vertices, or (V, 3)."""
        colors = np.ones((len(self.vertices), 4))
        colors[:, :3] = np.asarray(rgb)
        return replace(self, colors=colors)

    def select(self, *groups: int) -> Shape:
        """The faces of some groups, with the vertices that they use."""
        keep = np.isin(self.groups, groups)
        used, faces = np.unique(self.faces[keep], return_inverse=True)
        return Shape(
            vertices=self.vertices[used],
            faces=faces.reshape(-1, 3),
            uv=self.uv[used],
            groups=self.groups[keep],
            colors=None if self.colors is None else self.colors[used],
            normals=None if self.normals is None else self.normals[used],
        )


def shape(
    vertices: ArrayLike, faces: ArrayLike, uv: ArrayLike, *, groups: ArrayLike | int = 0
) -> Shape:
    """Make a Shape out of whatever numpy takes for arrays."""
    triangles = np.asarray(faces, np.int64).reshape(-1, 3)
    return Shape(
        vertices=np.asarray(vertices, np.float64),
        faces=triangles,
        uv=np.asarray(uv, np.float64),
        groups=np.broadcast_to(np.asarray(groups, np.int64), len(triangles)).copy(),
    )


def join(shapes: Iterable[Shape]) -> Shape:
    """One shape out of several; where one has vertex colours, the others get white."""
    pieces = list(shapes)
    starts = np.cumsum([0, *(len(piece.vertices) for piece in pieces)])
    tinted = any(piece.colors is not None for piece in pieces)
    return Shape(
        vertices=np.concatenate([piece.vertices for piece in pieces]),
        faces=np.concatenate([p.faces + s for p, s in zip(pieces, starts, strict=False)]),
        uv=np.concatenate([piece.uv for piece in pieces]),
        groups=np.concatenate([piece.groups for piece in pieces]),
        colors=np.concatenate([_colors(piece) for piece in pieces]) if tinted else None,
        normals=_stacked([piece.normals for piece in pieces]),
    )


def _colors(piece: Shape) -> Float64:
    return np.ones((len(piece.vertices), 4)) if piece.colors is None else piece.colors


def _stacked(arrays: Sequence[Float64 | None]) -> Float64 | None:
    present = [array for array in arrays if array is not None]
    assert len(present) in (0, len(arrays))
    return np.concatenate(present) if present else None


def around(piece: Shape, count: int, *, first: float = 0.0) -> list[Shape]:
    """Copies of a shape turned about the y axis in equal steps, the first by `first` degrees."""
    return [piece.turned("y", first + 360.0 * index / count) for index in range(count)]


def snapped(values: NDArray[Any], step: float = GRID) -> Int64:
    """Values as whole multiples of a step."""
    whole: Int64 = np.rint(values / step).astype(np.int64)
    return whole


def smoothed(piece: Shape, crease: float = 40.0) -> Shape:
    """The shape with shading normals: smooth where faces meet at less than `crease` degrees.

    Normals are averaged over the faces around a position, weighted by area, so that a bevel bends
    and the flat beside it stays flat. Vertices are split at creases and UV seams and nowhere else.
    """
    grid = snapped(piece.vertices)
    _, position = np.unique(grid, axis=0, return_inverse=True)
    corners = grid[piece.faces] * GRID
    area_normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = _corner_normals(area_normal, position.reshape(-1)[piece.faces].ravel(), crease)
    vertex = piece.faces.ravel()
    keys = [grid[vertex], snapped(piece.uv)[vertex], snapped(normals, 1e-4)]
    if piece.colors is not None:
        keys.append(snapped(piece.colors)[vertex])
    _, first, inverse = np.unique(
        np.concatenate(keys, axis=1), axis=0, return_index=True, return_inverse=True
    )
    rank = np.argsort(np.argsort(first))  # vertices in the order in which the faces meet them
    chosen = np.sort(first)
    return Shape(
        vertices=grid[vertex[chosen]] * GRID,
        faces=rank[inverse.reshape(-1)].reshape(-1, 3),
        uv=snapped(piece.uv)[vertex[chosen]] * GRID,
        groups=piece.groups,
        colors=None if piece.colors is None else piece.colors[vertex[chosen]],
        normals=_unit(snapped(normals[chosen], 1e-4).astype(np.float64)),
    )


def _corner_normals(area_normal: Float64, position: Int64, crease: float) -> Float64:
    """(3F, 3) normals: of each corner, the sum over faces at its position that bend little."""
    unit = _unit(area_normal)
    face = np.repeat(np.arange(len(area_normal)), 3)
    order = np.argsort(position, kind="stable")
    counts = np.bincount(position)
    starts = np.cumsum(counts) - counts
    size = counts[position[order]]
    left = np.repeat(order, size)
    ramp = np.arange(len(left)) - np.repeat(np.cumsum(size) - size, size)
    right = order[np.repeat(starts[position[order]], size) + ramp]
    smooth = (unit[face[left]] * unit[face[right]]).sum(axis=1) > np.cos(np.radians(crease))
    left, right = left[smooth], right[smooth]
    summed = [np.bincount(left, area_normal[face[right], axis], len(position)) for axis in range(3)]
    return _unit(np.stack(summed, axis=1))


def _unit(vectors: Float64) -> Float64:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Float64 = vectors / np.where(length > 0, length, 1.0)
    return unit
