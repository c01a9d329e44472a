"""Whether masks hold two regions together or part them, as evidence for or against a merge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from segment.counts import MaskCounts

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

RELIABLE = 16.0
"""Pixels of a region in a view at which the view's word on it counts half."""

CHUNK = 1 << 18
"""Pairs looked at together, which bounds the memory."""


def joint_evidence(
    pairs: NDArray[np.int32] | Int64, counts: MaskCounts, *, labels: Int32 | None = None
) -> Float32:
    """(E, 2) float32: for each pair, how much the masks say for and against its being one thing.

    Column 0 sums, over masks, score times the chance that a pixel of one region and a pixel of the
    other, both visible in the mask's view, both lie in the mask; column 1 the chance that only one
    of them does. Masks that hold neither say nothing. Each view counts by how much it sees of
    either region, and saturates: n pixels count n / (n + 16).

    Args:
        pairs: (E, 2) int, pairs of atoms, or of regions where `labels` is given.
        counts: of `Lifted`.
        labels: (A,) int32, the region of each atom of `counts`, dense from 0, -1 for none.
    """
    if labels is not None:
        counts = counts.pooled(labels, count=int(labels.max(initial=-1)) + 1)
    reliability = (counts.seen / (counts.seen + RELIABLE)).astype(np.float64)
    held, alone = _weighted(counts, reliability)
    parts = [np.zeros((0, 2), np.float32)]
    for start in range(0, len(pairs), CHUNK):
        left, right = pairs[start : start + CHUNK].T
        both = np.asarray(held[left].multiply(held[right]).sum(axis=1)).reshape(-1)
        either = np.einsum("ev,ev->e", alone[left], reliability[right])
        either += np.einsum("ev,ev->e", alone[right], reliability[left])
        # Rounding may take a hair more than there is.
        one = np.maximum(either - 2 * both, 0)
        parts.append(np.stack([both, one], axis=1).astype(np.float32))
    return np.concatenate(parts)


def _weighted(counts: MaskCounts, reliability: Float64) -> tuple[csr_matrix, Float64]:
    """What a product over two regions needs of each.

    Returns (A, M) csr, the share of a region that a mask holds, times its view's reliability, times
    the root of the score; and (A, V), the shares of all masks of a view, times reliability and
    score.
    """
    shares, view = counts.shares(), counts.view[counts.under.indices]
    base = shares.data * reliability[counts.rows, view]
    score = counts.score[shares.indices].astype(np.float64)
    held = csr_matrix((base * np.sqrt(score), shares.indices, shares.indptr), shares.shape)
    key = counts.rows * counts.seen.shape[1] + view
    alone = np.bincount(key, base * score, counts.seen.size).astype(np.float64)
    return held, alone.reshape(counts.seen.shape)
