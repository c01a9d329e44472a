"""From a graph of regions to few enough leaves, and to a binary merge tree over them."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.adjacency import connected_components
from segment.graph import RegionGraph
from segment.linkage import NO_MASKS, MaskTrust, linkage
from segment.regions import best_neighbours

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MergeTree:
    """Rows of a merge tree: (S - 1, 2) int32 children and (S - 1,) float32 heights, not falling."""

    children: Int32
    height: NDArray[np.float32]


def shrink(graph: RegionGraph, *, most: int, diagonal: float, trust: MaskTrust = NO_MASKS) -> Int32:
    """(R,) int32: groups of regions, at most `most`, made by merging the smallest.

    In each round the smallest regions, no more than are too many, join their cheapest neighbours.
    The graph must be connected.
    """
    group = np.arange(len(graph.area), dtype=np.int32)
    while len(graph.area) > most:
        surplus = len(graph.area) - most
        # Half at the most: else chains of small regions would swallow all in one round.
        take = max(1, min(surplus, len(graph.area) // 2))
        small = np.zeros(len(graph.area), bool)
        small[np.argsort(graph.area, kind="stable")[:take]] = True
        cost = _costs(graph, diagonal, trust)
        joined = connected_components(len(graph.area), best_neighbours(graph.pairs, cost, small))
        graph, group = graph.contract(joined), joined[group]
    return group


def _costs(graph: RegionGraph, diagonal: float, trust: MaskTrust) -> Float64:
    smaller = graph.area[graph.pairs].min(axis=1)
    return linkage(
        graph.sums,
        graph.gap,
        smaller,
        total_area=float(graph.area.sum()),
        diagonal=diagonal,
        trust=trust,
    )


def build_tree(graph: RegionGraph, *, diagonal: float, trust: MaskTrust = NO_MASKS) -> MergeTree:
    """Merge the cheapest neighbours until one region is left.

    Ties go to the pair with the smaller node numbers. A merge may make its region's next merge
    cheaper than itself; heights are then held level, as they must not fall.
    """
    count = len(graph.area)
    growing = _Agglomeration(graph, diagonal, trust)
    children = np.zeros((max(count - 1, 0), 2), np.int32)
    height = np.zeros(max(count - 1, 0))
    for row in range(count - 1):
        height[row], left, right = growing.pop()
        children[row] = left, right
        growing.merge(left, right, into=count + row)
    return MergeTree(children=children, height=np.maximum.accumulate(height).astype(np.float32))


class _Agglomeration:
    """Live regions, what lies between them, and a heap of prices, of which some are out of date."""

    def __init__(self, graph: RegionGraph, diagonal: float, trust: MaskTrust) -> None:
        self._trust = trust
        self._area = dict(enumerate(graph.area.tolist()))
        self._total = float(graph.area.sum())
        self._diagonal = diagonal
        self._between: dict[int, dict[int, Float64]] = {node: {} for node in self._area}
        rows = np.concatenate([graph.sums, graph.gap[:, None]], axis=1)
        for (left, right), row in zip(graph.pairs.tolist(), rows, strict=True):
            self._between[left][right] = self._between[right][left] = row
        cost = _costs(graph, diagonal, trust)
        self._heap = [
            (price, left, right)
            for price, (left, right) in zip(cost.tolist(), graph.pairs.tolist(), strict=True)
        ]
        heapq.heapify(self._heap)

    def pop(self) -> tuple[float, int, int]:
        """The cheapest pair of live regions; a region's number is never used again."""
        while True:
            price, left, right = heapq.heappop(self._heap)
            if left in self._area and right in self._area:
                return price, left, right

    def merge(self, left: int, right: int, *, into: int) -> None:
        """Replace two regions by one and price its borders."""
        self._area[into] = self._area.pop(left) + self._area.pop(right)
        rows = self._between.pop(left)
        for other, row in self._between.pop(right).items():
            rows[other] = _joined(rows[other], row) if other in rows else row
        rows.pop(left, None)
        rows.pop(right, None)
        self._between[into] = rows
        for other, row in rows.items():
            around = self._between[other]
            around.pop(left, None)
            around.pop(right, None)
            around[into] = row
        self._price(into, rows)

    def _price(self, node: int, rows: dict[int, Float64]) -> None:
        if not rows:
            return
        others = sorted(rows)
        table = np.stack([rows[other] for other in others])
        smaller = np.minimum(self._area[node], [self._area[other] for other in others])
        cost = linkage(
            table[:, :-1],
            table[:, -1],
            smaller,
            total_area=self._total,
            diagonal=self._diagonal,
            trust=self._trust,
        )
        for price, other in zip(cost.tolist(), others, strict=True):
            heapq.heappush(self._heap, (price, other, node))


def _joined(first: Float64, second: Float64) -> Float64:
    """Sums add up; the gap, last, is the smaller one."""
    row = first + second
    row[-1] = min(first[-1], second[-1])
    return row
