"""Edges at which more than two sheets of a surface meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.adjacency import FaceAdjacency, connected_components

Bool = NDArray[np.bool_]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheets:
    """What is known of each row of a `FaceAdjacency`, (E,) bool each.

    Attributes:
        twins: the two faces lie on the same three corners: the sides of one sheet.
        alone: no other two faces share this edge.
        manifold: at most two sheets meet at this edge, twins counting as one. Elsewhere solids
            touch that happen to have corners in common, or walls branch.
    """

    twins: Bool
    alone: Bool
    manifold: Bool


def find_sheets(adjacency: FaceAdjacency, face_count: int) -> Sheets:
    """Tell apart the edges of an adjacency over `face_count` faces."""
    pairs = adjacency.pairs.astype(np.int64)
    of_pair, rows_of_pair = _groups(pairs)
    twins = rows_of_pair[of_pair] >= 3
    sheet = connected_components(face_count, pairs[twins])
    of_edge, rows_of_edge = _groups(adjacency.edge.astype(np.int64))
    # Each sheet at an edge, once.
    met = np.unique(np.repeat(of_edge, 2) * (face_count + 1) + sheet[pairs.reshape(-1)])
    sheets_of_edge = np.bincount(met // (face_count + 1), minlength=len(rows_of_edge))
    return Sheets(
        twins=twins,
        alone=rows_of_edge[of_edge] == 1,
        manifold=sheets_of_edge[of_edge] <= 2,
    )


def _groups(rows: Int64) -> tuple[Int64, Int64]:
    """The group of equal rows that each row of (E, 2) belongs to, and the size of each group."""
    key = rows[:, 0] * (int(rows.max(initial=0)) + 1) + rows[:, 1]
    _, group, size = np.unique(key, return_inverse=True, return_counts=True)
    return group.astype(np.int64), size.astype(np.int64)
