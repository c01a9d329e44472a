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

LENGTH, CONCAVE, CONVEX, WEIGHT, MATERIAL, NODE, HELD, PARTED = range(8)
"""Columns of `RegionGraph.sums`; all of them add up when regions merge.

LENGTH: length of the shared welded boundary. CONCAVE, CONVEX: the same, times how far the surface
turns inwards, outwards, across it (`segment.turning`). WEIGHT: LENGTH, plus the sample spacing for
each pair of near samples. MATERIAL, NODE: the part of WEIGHT that lies between different materials,
different source nodes. HELD, PARTED: how much the masks of views say for and against the two being
one thing; 0 where there are no masks.
"""

COLUMNS = 8

AREA, SOLID, THICKNESS, BODY = range(4)
"""Columns of `RegionGraph.traits`; all of them add up when regions merge.

AREA: in squared units. SOLID: the part of AREA below which there is a solid. THICKNESS: SOLID times
the logarithm of its thickness. BODY: AREA times the share of all area that its shell has.
"""

TRAITS = 4

CONCAVE_FULL = np.radians(60.0)
CONVEX_FULL = np.radians(90.0)
CONVEX_STRENGTH = 0.15
CONCAVE_MOST = 1.5
THINNEST = 1e-3
TINY = float(np.finfo(np.float64).tiny)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What is known of the object as a whole.

    Attributes:
        area: of all faces.
        diagonal: of the bounding box.
        shells: how many shells carry the area: one over the sum of their squared shares.
    """

    area: float
    diagonal: float
    shells: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegionGraph:
    """A sparse graph of regions.

    Attributes:
        traits: (R, 4) float64, see the columns above.
        pairs: (E, 2) int64 regions, the smaller first, no pair twice, sorted.
        sums: (E, 8) float64, see the columns above.
        gap: (E,) float64, the smallest distance; 0 where a boundary is shared.
        whole: of the object that they are regions of.
    """

    traits: Float64
    pairs: Int64
    sums: Float64
    gap: Float64
    whole: Whole

    @property
    def area(self) -> Float64:
        """(R,) float64: the area of each region."""
        return self.traits[:, AREA]

    def contract(self, group: NDArray[Any]) -> RegionGraph:
        """The graph of groups: `group` (R,) gives each region's, dense from 0."""
        traits = np.stack([totals(group, column) for column in self.traits.T], axis=1)
        return build_graph(traits, group[self.pairs], self.sums, self.gap, whole=self.whole)


def build_graph(
    traits: Float64, pairs: NDArray[Any], sums: Float64, gap: Float64, *, whole: Whole
) -> RegionGraph:
    """Put rows of the same pair together; rows within one region vanish."""
    merged, order, starts = group_pairs(pairs)
    return RegionGraph(
        traits=traits,
        pairs=merged,
        sums=np.add.reduceat(sums[order], starts, axis=0) if len(starts) else sums[:0],
        gap=np.minimum.reduceat(gap[order], starts) if len(starts) else gap[:0],
        whole=whole,
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


def boundary_rows(labels: Int32, surface: Surface, turn: Float64) -> tuple[Int64, Float64]:
    """Pairs (E, 2) and `sums` rows of every welded edge between two regions.

    Args:
        turn: (E,) radians, as `segment.turning.border_turns` gives them, in the order of the edges.
    """
    outer = borders(labels, surface)
    left, right = surface.pairs[outer].T
    length = surface.length[outer].astype(np.float64)
    sums = np.zeros((len(length), COLUMNS))
    sums[:, LENGTH] = sums[:, WEIGHT] = length
    sums[:, CONCAVE] = length * np.clip(-turn / CONCAVE_FULL, 0, CONCAVE_MOST)
    sums[:, CONVEX] = length * np.clip(turn / CONVEX_FULL, 0, 1)
    sums[:, MATERIAL] = length * (surface.material[left] != surface.material[right])
    sums[:, NODE] = length * (surface.source_node[left] != surface.source_node[right])
    return labels[surface.pairs[outer]].astype(np.int64), sums


def borders(labels: Int32, surface: Surface) -> NDArray[np.bool_]:
    """(E,) bool: the edges of the surface between two regions."""
    apart: NDArray[np.bool_] = labels[surface.pairs[:, 0]] != labels[surface.pairs[:, 1]]
    return apart


def region_traits(labels: Int32, surface: Surface, thickness: NDArray[Any]) -> Float64:
    """(R, 4) float64 `traits`, given (F,) thickness as a share of the diagonal, 0 for none."""
    thick = thickness.astype(np.float64)
    solid = surface.areas * (thick > 0)
    shell_area = totals(surface.shell, surface.areas)
    share = shell_area / max(surface.total_area, TINY)
    columns = (
        surface.areas,
        solid,
        solid * np.log(np.maximum(thick, THINNEST)),
        surface.areas * share[surface.shell],
    )
    return np.stack([totals(labels, column) for column in columns], axis=1)


def whole_of(surface: Surface) -> Whole:
    """What is known of the object as a whole."""
    area = surface.total_area
    shares = totals(surface.shell, surface.areas) / max(area, TINY)
    return Whole(
        area=area, diagonal=surface.diagonal, shells=1 / max(float((shares**2).sum()), TINY)
    )
