"""PartGen's measures of ranked masks: mean average precision and recall at K.

Chen et al., "PartGen: Part-level 3D Generation and Reconstruction with Multi-View Diffusion
Models", 2024. Elements of a mask may be pixels, faces or whole segments; `weights` say how much
each counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

EPSILON = 1e-4
DUPLICATE = 0.5
THRESHOLDS = (0.5, 0.75)
DEPTHS = (10, 50)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedScores:
    """Ranked masks against true ones.

    Attributes:
        average_precision_50: at an IoU above 0.5.
        average_precision_75: at an IoU above 0.75.
        recall_10: the share of true masks that one of the first 10 fits with an IoU above 0.5.
        recall_50: the same for the first 50.
    """

    average_precision_50: float
    average_precision_75: float
    recall_10: float
    recall_50: float


def score_ranked(iou: Float64) -> RankedScores:
    """Score masks in their order, best first, out of their IoU with T true masks, (M, T)."""
    precise, close = (
        average_precision(match_ranked(iou, threshold=threshold), truths=iou.shape[1])
        for threshold in THRESHOLDS
    )
    few, many = (recall_at(iou, depth, threshold=THRESHOLDS[0]) for depth in DEPTHS)
    return RankedScores(
        average_precision_50=precise, average_precision_75=close, recall_10=few, recall_50=many
    )


def mask_iou(first: csr_array, second: csr_array, *, weights: Float64) -> Float64:
    """(M, N) float64: (|A∩B| + ε) / (|A∪B| + ε) with ε = 1e-4, for M masks A and N masks B.

    Args:
        first: (M, P) sparse, 1 where an element belongs to a mask.
        second: (N, P) alike.
        weights: (P,), about 1 on average, so that ε is small against an element.
    """
    weighted = first.multiply(weights[None, :]).tocsr()
    shared = np.asarray((weighted @ second.T).todense(), np.float64)
    sizes = np.asarray(weighted.sum(axis=1)).reshape(-1)
    others = np.asarray(second.multiply(weights[None, :]).sum(axis=1)).reshape(-1)
    joint = sizes[:, None] + others[None, :] - shared
    return np.asarray((shared + EPSILON) / (joint + EPSILON), np.float64)


def rank_masks(iou: Float64) -> Int64:
    """(K,) the masks that stay, best first: those that most others repeat.

    Masks are ranked by the number of their near-duplicates, an IoU above 0.5, of equal ones the
    first given first; a mask that repeats a better one is left out.

    Args:
        iou: (M, M) of all masks with one another.
    """
    duplicate = iou > DUPLICATE
    left = np.ones(len(iou), bool)
    kept: list[int] = []
    for mask in np.argsort(-duplicate.sum(axis=1), kind="stable").tolist():
        if left[mask]:
            kept.append(mask)
            left &= ~duplicate[mask]
    return np.asarray(kept, np.int64)


def match_ranked(iou: Float64, *, threshold: float) -> NDArray[np.bool_]:
    """(M,) bool: whether each mask, best first, fits a true one that none before it has taken.

    A mask takes the free true mask that it fits best, if their IoU is above `threshold`; once all
    are taken, every further mask is a miss.
    """
    free = np.ones(iou.shape[1], bool)
    hits = np.zeros(len(iou), bool)
    for mask, row in enumerate(iou):
        if not free.any():
            break
        best = int(np.where(free, row, -1.0).argmax())
        hits[mask] = row[best] > threshold
        free[best] &= not hits[mask]
    return hits


def average_precision(hits: Sequence[bool] | NDArray[Any], *, truths: int) -> float:
    """The sum over hits of the precision up to each, over the number of true masks."""
    found = np.asarray(hits, np.float64)
    precision = np.cumsum(found) / np.arange(1, len(found) + 1)
    return float((precision * found).sum() / truths) if truths else 1.0


def recall_at(iou: Float64, depth: int, *, threshold: float) -> float:
    """The share of true masks that one of the first `depth` fits with an IoU above `threshold`."""
    if not iou.shape[1]:
        return 1.0
    best = iou[:depth].max(axis=0, initial=0.0)
    return float((best > threshold).mean())
