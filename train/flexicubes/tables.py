"""Dual marching cubes' case tables, generated from the geometry of a cube (Nielson 2004).

Corner i lies at the bits of i, (x, y, z) = (i & 1, i >> 1 & 1, i >> 2 & 1). A pattern is a number
below 256 whose bit i says that corner i is inside.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import product

import torch
from torch import Tensor

EDGES = (
    (0, 1),
    (1, 5),
    (4, 5),
    (0, 4),
    (2, 3),
    (3, 7),
    (6, 7),
    (2, 6),
    (2, 0),
    (3, 1),
    (7, 5),
    (6, 4),
)
"""The corners of each edge, in the order of the edge weights of FlexiCubes."""

MAX_LOOPS = 4
MAX_LOOP_EDGES = 7

_NUMBER = {frozenset(edge): number for number, edge in enumerate(EDGES)}

Direction = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Face:
    """A face of the cube: its outward normal, its corners and edges one after another around it.

    Edge i joins corners i and i + 1.
    """

    normal: Direction
    corners: tuple[int, int, int, int]
    edges: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Segment:
    """A line across a face, between two edges that the surface crosses."""

    edges: tuple[int, int]
    face: int


def _face(axis: int, side: int) -> Face:
    first, second = 1 << (axis + 1) % 3, 1 << (axis + 2) % 3
    base = side << axis
    corners = (base, base + first, base + first + second, base + second)
    normal = [0, 0, 0]
    normal[axis] = 2 * side - 1
    rows = [_NUMBER[frozenset((corners[i], corners[(i + 1) % 4]))] for i in range(4)]
    return Face(
        normal=(normal[0], normal[1], normal[2]),
        corners=corners,
        edges=(rows[0], rows[1], rows[2], rows[3]),
    )


FACES = tuple(_face(axis, side) for axis, side in product(range(3), range(2)))


def crossing_edges(pattern: int) -> list[int]:
    """The edges with one end inside and one outside."""
    return [e for e, (a, b) in enumerate(EDGES) if (pattern >> a ^ pattern >> b) & 1]


def is_ambiguous(pattern: int, face: int) -> bool:
    """Whether the signs alternate around a face, so that its segments could join either way."""
    inside = [pattern >> corner & 1 for corner in FACES[face].corners]
    return inside in ([0, 1, 0, 1], [1, 0, 1, 0])


def segments(pattern: int) -> list[Segment]:
    """How the surface crosses the six faces; on an ambiguous face it cuts off inside corners."""
    found = []
    crossed = set(crossing_edges(pattern))
    for number, face in enumerate(FACES):
        if is_ambiguous(pattern, number):
            found += [
                Segment(edges=(face.edges[i - 1], face.edges[i]), face=number)
                for i, corner in enumerate(face.corners)
                if pattern >> corner & 1
            ]
        elif ends := [edge for edge in face.edges if edge in crossed]:
            found.append(Segment(edges=(ends[0], ends[1]), face=number))
    return found


def loops(pattern: int) -> list[list[Segment]]:
    """The closed lines that the segments form, by smallest edge: one dual vertex each."""
    left = sorted(segments(pattern), key=lambda segment: min(segment.edges))
    closed = []
    while left:
        line = [left.pop(0)]
        start, end = line[0].edges
        while end != start:
            at = next(i for i, segment in enumerate(left) if end in segment.edges)
            line.append(left.pop(at))
            first, second = line[-1].edges
            end = second if end == first else first
        closed.append(line)
    return closed


def loop_edges(loop: list[Segment]) -> list[int]:
    """The edges that a loop passes, ascending."""
    return sorted({edge for segment in loop for edge in segment.edges})


def doubly_crossed_face(pattern: int) -> int | None:
    """The face that one loop passes twice, if there is one (Wenger 2013, cases C16 and C19).

    Two such cubes that share this face would join four quads at one edge of the mesh. They are
    given the complement's loops instead.
    """
    for loop in loops(pattern):
        for face, passes in Counter(segment.face for segment in loop).items():
            if passes == 2:
                return face
    return None


@dataclass(frozen=True, slots=True)
class Tables:
    """What extraction looks up, int64 tensors on one device.

    Attributes:
        corners: (8, 3) position of each corner in its cube.
        edge_corners: (12, 2) lower and upper corner of each edge along its axis.
        edge_axis: (12,) 0, 1 or 2.
        edge_quarter: (12,) where the cube lies around its edge, counted counter-clockwise as seen
            from the edge's upper end, from the quarter that is low in both other axes.
        loop_count: (256,) dual vertices of a pattern.
        loop_edges: (256, 4, 7) edges of each dual vertex, then -1.
        partner: (256, 3) direction of the cube with which a pattern may clash, else 0.
    """

    corners: Tensor
    edge_corners: Tensor
    edge_axis: Tensor
    edge_quarter: Tensor
    loop_count: Tensor
    loop_edges: Tensor
    partner: Tensor


def _quarter(low_corner: int, axis: int) -> int:
    first, second = low_corner >> (axis + 1) % 3 & 1, low_corner >> (axis + 2) % 3 & 1
    return {(1, 1): 0, (0, 1): 1, (0, 0): 2, (1, 0): 3}[first, second]


def _generate() -> Tables:
    edge_loops = torch.full((256, MAX_LOOPS, MAX_LOOP_EDGES), -1)
    count = torch.zeros(256, dtype=torch.long)
    partner = torch.zeros(256, 3, dtype=torch.long)
    for pattern in range(256):
        found = [loop_edges(loop) for loop in loops(pattern)]
        count[pattern] = len(found)
        for row, edges in enumerate(found):
            edge_loops[pattern, row, : len(edges)] = torch.tensor(edges)
        face = doubly_crossed_face(pattern)
        if face is not None:
            partner[pattern] = torch.tensor(FACES[face].normal)
    axes = [(a ^ b).bit_length() - 1 for a, b in EDGES]
    lows = [min(edge) for edge in EDGES]
    return Tables(
        corners=torch.tensor([[i & 1, i >> 1 & 1, i >> 2 & 1] for i in range(8)]),
        edge_corners=torch.tensor([sorted(edge) for edge in EDGES]),
        edge_axis=torch.tensor(axes),
        edge_quarter=torch.tensor([_quarter(*pair) for pair in zip(lows, axes, strict=True)]),
        loop_count=count,
        loop_edges=edge_loops,
        partner=partner,
    )


@cache
def tables(device: torch.device) -> Tables:
    """The tables on a device; they are made once."""
    made = _generate() if device.type == "cpu" else tables(torch.device("cpu"))
    return Tables(*(getattr(made, name).to(device) for name in Tables.__slots__))
