"""Regions, and what lies between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segment.surface import Surface

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

LENGTH, CREASE, WEIGHT, MATERIAL, NODE, HELD, PARTED = range(7)
"""Columns of `RegionGraph.sums`; all of them add up when regions merge.

LENGTH: length of the shared welded boundary. CREASE: the same, times how strongly it parts.
WEIGHT: LENGTH, plus the sample spacing for each pair of near samples. MATERIAL, NODE: the part
of WEIGHT that lies between different materials, different source nodes. HELD, PARTED: how much
the masks of views say for and against the two being one thing; 0 where there are no masks.
"""

COLUMNS = 7

CONCAVE_FULL = np.radians(60.0)
CONVEX_FULL = np.radians(90.0)
CONVEX_STRENGTH = 0.15


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegionGraph:
    """A sparse graph of regions.

    Attributes:
        area: (R,) float64.
        pairs: (E, 2) int64 regions, the smaller first, no pair twice, sorted.
        sums: (E, 7) float64, see the columns above.
        gap: (E,) float64, the smallest distance; 0 where a boundary is shared.
    """

    area: Float64
    pairs: Int64
    sums: Float64
    gap: Float64

    def contract(self, group: NDArray[Any]) -> RegionGraph:
        """The graph of groups: `group` (R,) gives each region's, dense from 0."""
        return build_graph(totals(group, self.area), group[self.pairs], self.sums, self.gap)


def build_graph(area: Float64, pairs: NDArray[Any], sums: Float64, gap: Float64) -> RegionGraph:
    """Put rows of the same pair together; rows within one region vanish."""
    merged, order, starts = group_pairs(pairs)
    return RegionGraph(
        area=area,
        pairs=merged,
        sums=np.add.reduceat(sums[order], starts, axis=0) if len(starts) else sums[:0],
        gap=np.minimum.reduceat(gap[order], starts) if len(starts) else gap[:0],
    )


def totals(labels: NDArray[Any], values: Float64) -> Float64:
    """(R,) float64: the sum of `values` (N,) over each label."""
    return np.bincount(labels, values).astype(np.float64)


def sum_pairs(pairs: NDArray[Any], values: NDArray[Any]) -> tuple[Int64, Float64]:
    """Sum `values` (E,) over rows of the same pair, as `group_pairs` groups them.

    Returns pairs (K, 2) int64 and sums (K,) float64.
    """
    merged, order, starts = group_pairs(pairs)
    if not len(starts):
        return merged, np.zeros(0)
    return merged, np.add.reduceat(values[order].astype(np.float64), starts)


def group_pairs(pairs: NDArray[Any]) -> tuple[Int64, Int64, Int64]:
    """Find rows with the same unordered pair; rows that pair a region with itself are left out.

    Returns the K different pairs (K, 2) int64, sorted, the smaller first; the order that puts rows
    of a pair next to one another; and (K,) where each pair starts in that order.
    """
    outer = np.flatnonzero(pairs[:, 0] != pairs[:, 1])
    low, high = np.sort(pairs[outer], axis=1).astype(np.int64).T
    base = int(high.max(initial=0)) + 1
    key = low * base + high
    order = np.argsort(key, kind="stable")
    key = key[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    merged = np.stack([key[starts] // base, key[starts] % base], axis=1)
    return merged, outer[order], starts


def crease_strength(angle: NDArray[Any]) -> Float64:
    """How strongly an edge parts what lies on either side of it, in [0, 1].

    Concave angles count in full from 60° on, convex ones never for more than 0.15 (minima rule).
    """
    concave: Float64 = np.clip(-angle.astype(np.float64) / CONCAVE_FULL, 0, 1)
    convex: Float64 = CONVEX_STRENGTH * np.clip(angle.astype(np.float64) / CONVEX_FULL, 0, 1)
    return np.maximum(concave, convex)


def boundary_rows(labels: Int32, surface: Surface) -> tuple[Int64, Float64]:
    """Pairs (E, 2) and `sums` rows of every welded edge between two regions."""
    outer = labels[surface.pairs[:, 0]] != labels[surface.pairs[:, 1]]
    left, right = surface.pairs[outer].T
    length = surface.length[outer].astype(np.float64)
    sums = np.stack(
        [
            length,
            length * crease_strength(surface.angle[outer]),
            length,
            length * (surface.material[left] != surface.material[right]),
            length * (surface.source_node[left] != surface.source_node[right]),
            np.zeros_like(length),
            np.zeros_like(length),
        ],
        axis=1,
    )
    return labels[surface.pairs[outer]].astype(np.int64), sums
