"""The holes that cutting an object into parts leaves in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.adjacency import connected_components, weld_vertices
from partworks.geometry.mesh import Mesh

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holes:
    """How many holes there are at the cuts, and in how many parts.

    A hole is a connected run of edges where a part ends and the object goes on; where the object
    itself is open is none.
    """

    count: int
    parts: int


def holes_at_cuts(mesh: Mesh, face_labels: Int32) -> Holes:
    """Count the holes; vertices at one position are one, so that seams are no holes.

    Args:
        mesh: the object.
        face_labels: (F,) int32, part of each face, -1 = dropped.
    """
    welded = weld_vertices(mesh.vertices)[mesh.faces]
    part, edge, ends = _open_edges(welded, face_labels)
    if not len(part):
        return Holes(count=0, parts=0)
    # A vertex on the border of two parts is a vertex of each.
    corner = ends[edge] + (part * (int(welded.max()) + 1))[:, None]
    nodes, dense = np.unique(corner, return_inverse=True)
    components = connected_components(len(nodes), dense.reshape(-1, 2))
    return Holes(count=int(components.max()) + 1, parts=len(np.unique(part)))


def _open_edges(welded: Int32, face_labels: Int32) -> tuple[Int64, Int64, Int64]:
    """Part and edge of each place where one face of the part meets only others; (E, 2) ends."""
    ends = np.sort(np.stack([welded, np.roll(welded, -1, axis=1)], axis=2), axis=2).reshape(-1, 2)
    face = np.repeat(np.arange(len(welded)), 3)
    real = ends[:, 0] != ends[:, 1]
    edges, edge = np.unique(ends[real], axis=0, return_inverse=True)
    edge = edge.reshape(-1)
    # A degenerate face may walk an edge twice, and is one face all the same.
    pairs = np.unique(np.stack([edge, face[real]], axis=1), axis=0)
    around = np.bincount(pairs[:, 0], minlength=len(edges))
    label = face_labels[pairs[:, 1]].astype(np.int64)
    owned, count = np.unique(np.stack([label, pairs[:, 0]], axis=1), axis=0, return_counts=True)
    is_open = (count == 1) & (around[owned[:, 1]] > 1) & (owned[:, 0] >= 0)
    return owned[is_open, 0], owned[is_open, 1], edges.astype(np.int64)
