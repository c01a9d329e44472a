"""How far two reviews of one object agree, by area.

What one reviewer drops is a part of its own for this: of the faces on which both decided, dropped
ones must be dropped by both to agree.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Two labelings of one surface.

    Attributes:
        adjusted_rand: 1 for the same partition, 0 on average by chance (Hubert and Arabie 1985),
            over pairs of points of the surface.
        split: H(second | first) in bits, what the second cut finer than the first.
        merged: H(first | second) in bits, what the second left together; both add up to the
            variation of information (Meilă 2003).
        matched_iou: the mean of the intersections over unions of parts, matched one to one so that
            their sum is largest; parts without a match count 0.
        kappa: Cohen's kappa of the labels of points, after the matching; 1 where all agree.
        part_delta: parts of the second minus parts of the first; what is dropped is none.
    """

    adjusted_rand: float
    split: float
    merged: float
    matched_iou: float
    kappa: float
    part_delta: int

    @property
    def variation_of_information(self) -> float:
        """`split` + `merged`, in bits."""
        return self.split + self.merged

    def to_json(self) -> dict[str, float]:
        """All numbers, rounded to nine digits: sums differ in the last ones between machines."""
        return {name: round(value, 9) for name, value in asdict(self).items()}


def agreement(first: NDArray[Any], second: NDArray[Any], *, areas: NDArray[Any]) -> Agreement:
    """Compare two labelings of the same faces.

    Args:
        first, second: (F,) int labels, negative for what was dropped, such as `State.parts()` has.
        areas: (F,) float weights, not negative.

    Raises:
        ValueError: the lengths differ, or there is no area.
    """
    if not first.shape == second.shape == areas.shape:
        raise ValueError(
            f"labels {first.shape} and {second.shape} and areas {areas.shape} must have one entry "
            "per face each; are they of the same object?"
        )
    if not float(areas.sum()) > 0:
        raise ValueError("the faces have no area; nothing can be compared")
    rows, row = np.unique(first, return_inverse=True)
    columns, column = np.unique(second, return_inverse=True)
    table = np.zeros((len(rows), len(columns)))
    np.add.at(table, (row, column), areas)
    table /= table.sum()
    split, merged = _information(table)
    match = _matching(table, rows, columns)
    return Agreement(
        adjusted_rand=_adjusted_rand(table),
        split=split,
        merged=merged,
        matched_iou=_matched_iou(table, match, rows, columns),
        kappa=_kappa(table, match),
        part_delta=int((columns >= 0).sum() - (rows >= 0).sum()),
    )


def _adjusted_rand(table: Float64) -> float:
    """Over pairs of points rather than faces, where n (n - 1) / 2 becomes an integral."""
    both = float((table**2).sum())
    first = float((table.sum(axis=1) ** 2).sum())
    second = float((table.sum(axis=0) ** 2).sum())
    chance, most = first * second, (first + second) / 2
    return 1.0 if most - chance <= 1e-12 else (both - chance) / (most - chance)


def _information(table: Float64) -> tuple[float, float]:
    """H(second | first), H(first | second) in bits."""
    halves = []
    for axis in (1, 0):
        given = np.broadcast_to(table.sum(axis=axis, keepdims=True), table.shape)
        some = table > 0
        bits = float(-(table[some] * np.log2(table[some] / given[some])).sum())
        halves.append(max(0.0, bits))
    return halves[0], halves[1]


def _unions(table: Float64) -> Float64:
    unions: Float64 = table.sum(axis=1)[:, None] + table.sum(axis=0)[None] - table
    return unions


def _matching(table: Float64, rows: Int64, columns: Int64) -> list[tuple[int, int]]:
    """Rows and columns that are one part; what is dropped is matched with what is dropped."""
    score = np.divide(table, _unions(table), out=np.zeros_like(table), where=_unions(table) > 0)
    apart = (rows < 0)[:, None] != (columns < 0)[None]
    left, right = linear_sum_assignment(np.where(apart, -1.0, score), maximize=True)
    real = (table > 0) & ~apart
    return [(a, b) for a, b in zip(left.tolist(), right.tolist(), strict=True) if real[a, b]]


def _matched_iou(
    table: Float64, match: list[tuple[int, int]], rows: Int64, columns: Int64
) -> float:
    """Over the parts of whoever has more; what both dropped is no part."""
    most = max(int((rows >= 0).sum()), int((columns >= 0).sum()))
    unions = _unions(table)
    found = [table[a, b] / unions[a, b] for a, b in match if rows[a] >= 0 and columns[b] >= 0]
    return float(sum(found)) / most if most else 1.0


def _kappa(table: Float64, match: list[tuple[int, int]]) -> float:
    first, second = table.sum(axis=1), table.sum(axis=0)
    same = float(sum(table[a, b] for a, b in match))
    chance = float(sum(first[a] * second[b] for a, b in match))
    return 1.0 if 1 - chance <= 1e-12 else (same - chance) / (1 - chance)


def verdict_kappa(table: NDArray[Any]) -> float:
    """Cohen's kappa of a square table (K, K) of counts: how often who said what of one object.

    1 where all agree, 0 where they do so as often as by chance; 1 for a table with one verdict.

    Raises:
        ValueError: the table is not square, or it is empty.
    """
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not table.sum() > 0:
        raise ValueError(f"verdicts make a square table with counts, not {table.shape}")
    share = table / table.sum()
    same = float(np.trace(share))
    chance = float(share.sum(axis=1) @ share.sum(axis=0))
    return 1.0 if 1 - chance <= 1e-12 else (same - chance) / (1 - chance)
