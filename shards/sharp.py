"""Points on the sharp edges of a surface, which points even by area all but miss.

Dora (Chen et al. 2024, "Sharp Edge Sampling") takes the edges whose two faces meet at more than an
angle and draws points along them by length. A point there gets one normal for two faces: the
normalised sum of theirs, as a smooth surface with the edge rounded off would have it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.adjacency import face_adjacency
from partworks.geometry.measures import face_normals
from shards.surface import Surface

Float64 = NDArray[np.float64]

FOLDED = np.pi - 1e-3
"""Radians from which on two faces are the two sides of a sheet, not the two flanks of an edge."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SharpEdges:
    """Sharp edges, each once.

    Attributes:
        ends: (E, 2, 3) float64 object frame.
        normals: (E, 3) float64 unit, between the normals of the edge's two faces.
    """

    ends: Float64
    normals: Float64

    @property
    def lengths(self) -> Float64:
        """(E,) float64."""
        lengths: Float64 = np.linalg.norm(self.ends[:, 1] - self.ends[:, 0], axis=1)
        return lengths


def sharp_edges(surface: Surface, chosen: NDArray[np.int64], *, angle: float) -> SharpEdges:
    """The edges between two of the chosen faces that meet at more than `angle` degrees.

    Vertices are welded by exact position. The rim of an open surface has one face and is no edge
    here. Where more than two faces share an edge, the pair that meets most sharply counts.
    """
    faces = surface.faces[chosen]
    adjacency = face_adjacency(surface.vertices, faces)
    turn = np.abs(adjacency.angle.astype(np.float64))
    rows = np.flatnonzero((turn > np.deg2rad(angle)) & (turn < FOLDED))
    rows = rows[np.lexsort((-turn[rows], adjacency.edge[rows, 1], adjacency.edge[rows, 0]))]
    edge = adjacency.edge[rows]
    rows = rows[np.concatenate([np.ones(min(len(rows), 1), bool), (edge[1:] != edge[:-1]).any(1)])]
    normals = face_normals(surface.vertices, faces)
    first, second = adjacency.pairs[rows].T
    alike = np.where(adjacency.consistent[rows], 1.0, -1.0)[:, None]
    total = normals[first] + alike * normals[second]
    total /= np.linalg.norm(total, axis=1, keepdims=True)
    return SharpEdges(ends=_ends(surface, faces, adjacency.pairs[rows]), normals=total)


def sample_sharp(
    surface: Surface,
    chosen: NDArray[np.int64],
    *,
    count: int,
    angle: float,
    generator: np.random.Generator,
) -> NDArray[np.float32]:
    """(count, 6) float32: points on sharp edges, even by length, with the normal between two faces.

    Faces without a sharp edge give points even by area with the normals of their faces instead, so
    that the count holds: points of the same surface, but of no edge. They come in random order.

    Args:
        chosen: (F,) int64 faces.
        angle: degrees above which an edge is sharp.
    """
    edges = sharp_edges(surface, chosen, angle=angle)
    along = np.cumsum(edges.lengths)
    if not len(along) or along[-1] <= 0:
        return surface.sample(chosen, count=count, generator=generator)
    at = (np.arange(count) + generator.random()) * (along[-1] / count)
    edge = np.searchsorted(along, at, side="right").clip(max=len(along) - 1)
    edge = edge[generator.permutation(count)]
    share = generator.random(count)[:, None]
    points = edges.ends[edge, 0] * (1 - share) + edges.ends[edge, 1] * share
    rows: Float64 = np.concatenate([points, edges.normals[edge]], axis=1)
    return rows.astype(np.float32)


def _ends(surface: Surface, faces: NDArray[np.int64], pairs: NDArray[np.int32]) -> Float64:
    """(E, 2, 3) the two corners that the faces of each pair share, by position."""
    first, second = (surface.vertices[faces[side]].astype(np.float64) for side in pairs.T)
    shared = (first[:, :, None] == second[:, None]).all(axis=3).any(axis=2)
    # The two shared corners in front, in the first face's order.
    order = np.argsort(~shared, axis=1, kind="stable")[:, :2]
    return np.take_along_axis(first, order[:, :, None], axis=1)
