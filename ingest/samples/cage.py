"""Smooth bodies in one piece: blocks put together, then rounded by subdivision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ingest.samples.shape import Float64, Int64, Shape, shape
from ingest.samples.solids import SIDES

Cell = tuple[int, int, int]


def blocks(
    cells: Mapping[Cell, int], ticks: Sequence[Sequence[float]], *, levels: int = 2
) -> Shape:
    """The outer faces of touching blocks as one closed surface, rounded; groups are the parts.

    Args:
        cells: (i, j, k) of each block in the grid -> its part. Blocks that touch only along an edge
            or in a corner would make a surface that is not a manifold.
        ticks: coordinates of the grid's planes along x, y and z.
        levels: rounds of Catmull-Clark subdivision.

    UVs are the coordinates seen along the axis that the block's face looks to.
    """
    vertices, quads, parts, sides = _surface(cells, ticks)
    for _ in range(levels):
        vertices, quads = catmull_clark(vertices, quads)
        parts, sides = np.repeat(parts, 4), np.repeat(sides, 4)
    corners = vertices[quads]
    right, up = (np.asarray([axes[i] for axes in SIDES])[sides] for i in (0, 1))
    u = (corners * right[:, None]).sum(axis=2)
    v = -(corners * up[:, None]).sum(axis=2)
    index = np.arange(4 * len(quads)).reshape(-1, 4)
    return shape(
        corners.reshape(-1, 3),
        np.stack([index[:, [0, 1, 2]], index[:, [0, 2, 3]]], axis=1),
        np.stack([u, v], axis=-1).reshape(-1, 2),
        groups=np.repeat(parts, 2),
    )


def _surface(
    cells: Mapping[Cell, int], ticks: Sequence[Sequence[float]]
) -> tuple[Float64, Int64, Int64, Int64]:
    """Vertices, quads, and the part and side of each quad; sides as in `solids.SIDES`."""
    corners, parts, sides = [], [], []
    for cell, part in cells.items():
        for side, (right, up) in enumerate(SIDES):
            outward = np.cross(right, up)
            if tuple(np.add(cell, outward)) in cells:
                continue
            middle = np.add(cell, 0.5) + 0.5 * outward
            square = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
            corners.append(
                [middle + 0.5 * a * np.asarray(right) + 0.5 * b * np.asarray(up) for a, b in square]
            )
            parts.append(part)
            sides.append(side)
    index = np.rint(np.asarray(corners)).astype(np.int64)
    unique, inverse = np.unique(index.reshape(-1, 3), axis=0, return_inverse=True)
    places = np.stack([np.asarray(ticks[axis])[unique[:, axis]] for axis in range(3)], axis=1)
    return places, inverse.reshape(-1, 4), np.asarray(parts), np.asarray(sides)


def catmull_clark(vertices: Float64, quads: Int64) -> tuple[Float64, Int64]:
    """One round of subdivision of a closed quad mesh; quad q becomes quads 4q … 4q + 3.

    Source: Catmull and Clark, Recursively generated B-spline surfaces, 1978.
    """
    count, faces = len(vertices), len(quads)
    face_point = vertices[quads].mean(axis=1)
    sides = np.sort(np.stack([quads, np.roll(quads, -1, axis=1)], axis=2).reshape(-1, 2), axis=1)
    edges, edge = np.unique(sides, axis=0, return_inverse=True)
    edge = edge.reshape(-1)
    owner = np.repeat(np.arange(faces), 4)
    edge_face = _sum(edge, face_point[owner], len(edges))
    edge_point = (vertices[edges].sum(axis=1) + edge_face) / 4
    middle = vertices[edges].mean(axis=1)
    valence = np.bincount(edges.ravel(), minlength=count)[:, None]
    around = _sum(quads.ravel(), face_point[owner], count) / valence
    along = _sum(edges.ravel(), np.repeat(middle, 2, axis=0), count) / valence
    moved = (around + 2 * along + (valence - 3) * vertices) / valence
    at = count + edge.reshape(-1, 4)
    centre = np.broadcast_to((count + len(edges) + np.arange(faces))[:, None], at.shape)
    children = np.stack([quads, at, centre, np.roll(at, 1, axis=1)], axis=2)
    return np.concatenate([moved, edge_point, face_point]), children.reshape(-1, 4)


def _sum(target: Int64, values: Float64, count: int) -> Float64:
    return np.stack([np.bincount(target, values[:, axis], count) for axis in range(3)], axis=1)
