"""All pairs of vectors within a distance, among a million of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

Int64 = NDArray[np.int64]

_TREE_DIMENSIONS = 8
_CHUNK = 1 << 20


def near_pairs(vectors: NDArray[Any], *, within: float) -> Int64:
    """(P, 2) int64: pairs i < j of rows whose Euclidean distance is at most `within`, sorted.

    A k-d tree over the directions of the largest spread finds candidates: looked at from these
    directions alone no two vectors are farther apart than they are, so none is missed. Distances
    are then computed in full. Equal rows should be made one first; a thousand are half a million
    pairs.

    Args:
        vectors: (N, D) numbers.
        within: in their unit.
    """
    if len(vectors) < 2:
        return np.zeros((0, 2), np.int64)
    full = vectors.astype(np.float64)
    centered = full - full.mean(axis=0)
    spread = centered.T @ centered
    axes = np.linalg.eigh(spread)[1][:, ::-1][:, :_TREE_DIMENSIONS]
    # A little more than asked, for the rounding of the turn.
    tree = KDTree(centered @ axes)
    pairs = tree.query_pairs(within * (1 + 1e-9) + 1e-9, output_type="ndarray").astype(np.int64)
    pairs.sort(axis=1)
    kept = [
        chunk[((full[chunk[:, 0]] - full[chunk[:, 1]]) ** 2).sum(axis=1) <= within**2]
        for chunk in np.array_split(pairs, max(1, -(-len(pairs) // _CHUNK)))
    ]
    found = np.concatenate(kept)
    ordered: Int64 = found[np.lexsort(found.T[::-1])]
    return ordered
