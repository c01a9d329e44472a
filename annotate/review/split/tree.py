"""Split a group where the merge tree does: by a finer level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotate.review.base import Base
from annotate.review.state import State

Int64 = NDArray[np.int64]


def tree_sides(base: Base, state: State, group: int, *, count: int = 2) -> Int64:
    """(K,) int64: the side of each of a group's faces where the tree falls into `count` pieces.

    The rows that join atoms of the group are opened from the highest down. Fewer sides are found
    where the group has fewer segments; refinements of a segment stay together.
    """
    atoms = state.atoms_of(group)
    leaf = state.leaf_of_atom[atoms]
    side_of_leaf = _pieces(base, np.unique(leaf), count)
    side = np.zeros(state.atom_count, np.int64)
    side[atoms] = side_of_leaf[leaf]
    faces = np.flatnonzero(state.group_of_face == group)
    found: Int64 = side[state.atom_of_face[faces]]
    return found


def _pieces(base: Base, leaves: NDArray[np.int32], count: int) -> Int64:
    """(S,) int64: pieces of some leaves, after all but the last `count - 1` joins among them."""
    atoms = base.atom_count
    holds = np.zeros(2 * atoms - 1, bool)
    holds[leaves] = True
    joins = np.zeros(atoms - 1, bool)
    for row, (left, right) in enumerate(base.children.tolist()):
        joins[row] = holds[left] and holds[right]
        holds[atoms + row] = holds[left] or holds[right]
    opened = np.flatnonzero(joins)[::-1][: count - 1]
    cut = np.zeros(atoms - 1, bool)
    cut[opened] = True
    above = np.arange(2 * atoms - 1)
    for row in range(atoms - 2, -1, -1):
        if not cut[row]:
            above[base.children[row]] = above[atoms + row]
    pieces: Int64 = above[:atoms]
    return pieces
