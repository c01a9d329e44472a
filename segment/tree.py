"""From a graph of regions to few enough leaves, and to a binary merge tree over them."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.adjacency import connected_components
from segment.graph import RegionGraph
from segment.linkage import PLAIN, Weights, linkage
from segment.regions import best_neighbours

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


MOST_DEARER = 0.1
"""How much more the merge of two regions' twins may cost than theirs."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MergeTree:
    """Rows of a merge tree: (S - 1, 2) int32 children and (S - 1,) float32 heights, not falling."""

    children: Int32
    height: NDArray[np.float32]


def shrink(graph: RegionGraph, *, most: int, weights: Weights = PLAIN) -> Int32:
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
        cost = _costs(graph, weights)
        joined = connected_components(len(graph.area), best_neighbours(graph.pairs, cost, small))
        graph, group = graph.contract(joined), joined[group]
    return group


def _costs(graph: RegionGraph, weights: Weights) -> Float64:
    first, second = graph.traits[graph.pairs].transpose(1, 0, 2)
    return linkage(graph.sums, graph.gap, first, second, whole=graph.whole, weights=weights)


def build_tree(
    graph: RegionGraph, *, weights: Weights = PLAIN, twin: Int64 | None = None
) -> MergeTree:
    """Merge the cheapest neighbours until one region is left.

    Ties go to the pair with the smaller node numbers. A merge may make its region's next merge
    cheaper than itself; heights are then held level, as they must not fall.

    Args:
        graph: connected.
        weights: of what the price is made of.
        twin: (R,) the mirror twin of each region, itself where it has none. After two regions have
            merged, their twins do, at the same height, if that costs hardly more.
    """
    count = len(graph.area)
    growing = _Agglomeration(graph, weights)
    mirrored = _Twins(np.arange(count) if twin is None else twin, graph.area)
    children = np.zeros((max(count - 1, 0), 2), np.int32)
    height = np.zeros(max(count - 1, 0))
    due: tuple[int, int] | None = None
    for row in range(count - 1):
        if due is None:
            height[row], left, right = growing.pop()
        else:
            height[row], (left, right) = height[row - 1], due
        children[row] = min(left, right), max(left, right)
        growing.merge(left, right, into=count + row)
        due = mirrored.merge(left, right, into=count + row, forced=due is not None)
        if due is not None and growing.price(*due) > height[row] + MOST_DEARER:
            due = None
    return MergeTree(children=children, height=np.maximum.accumulate(height).astype(np.float32))


class _Twins:
    """The twins of live regions, and what has to merge because its twins have."""

    def __init__(self, twin: Int64, area: Float64) -> None:
        self._twin = dict(enumerate(twin.tolist()))
        self._area = dict(enumerate(area.tolist()))
        self._waiting = -1

    def merge(self, left: int, right: int, *, into: int, forced: bool) -> tuple[int, int] | None:
        """Note that two regions became one; return the two that have to merge next, if any."""
        small, large = sorted((left, right), key=lambda node: (self._area[node], node))
        others = self._twin.pop(small), self._twin.pop(large)
        self._area[into] = self._area[small] + self._area[large]
        self._twin[into] = into
        if forced:
            if self._waiting in self._twin:
                self._pair(into, self._waiting)
            return None
        if others[1] == large and others[0] in self._twin:
            # The body that lies across the plane took a limb: it takes the other one as well.
            self._waiting = -1
            return others[0], into
        if others[0] == small and others[1] in self._twin:
            # A limb took a little of what lies across the plane: it is still the other's twin.
            self._pair(into, others[1])
            return None
        if all(other in self._twin for other in others):
            self._waiting = into
            return others
        return None

    def _pair(self, first: int, second: int) -> None:
        self._twin[first], self._twin[second] = second, first


class _Agglomeration:
    """Live regions, what lies between them, and a heap of prices, of which some are out of date."""

    def __init__(self, graph: RegionGraph, weights: Weights) -> None:
        self._weights = weights
        self._whole = graph.whole
        self._traits = dict(enumerate(graph.traits))
        self._between: dict[int, dict[int, Float64]] = {node: {} for node in self._traits}
        rows = np.concatenate([graph.sums, graph.gap[:, None]], axis=1)
        for (left, right), row in zip(graph.pairs.tolist(), rows, strict=True):
            self._between[left][right] = self._between[right][left] = row
        cost = _costs(graph, weights)
        self._heap = [
            (price, left, right)
            for price, (left, right) in zip(cost.tolist(), graph.pairs.tolist(), strict=True)
        ]
        heapq.heapify(self._heap)

    def pop(self) -> tuple[float, int, int]:
        """The cheapest pair of live regions; a region's number is never used again."""
        while True:
            price, left, right = heapq.heappop(self._heap)
            if left in self._traits and right in self._traits:
                return price, left, right

    def price(self, left: int, right: int) -> float:
        """Of merging two live regions; infinite where nothing lies between them."""
        row = self._between[left].get(right)
        if row is None:
            return np.inf
        cost = linkage(
            row[None, :-1],
            row[-1:],
            self._traits[left][None],
            self._traits[right][None],
            whole=self._whole,
            weights=self._weights,
        )
        return float(cost[0])

    def merge(self, left: int, right: int, *, into: int) -> None:
        """Replace two regions by one and price its borders."""
        self._traits[into] = self._traits.pop(left) + self._traits.pop(right)
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
        cost = linkage(
            table[:, :-1],
            table[:, -1],
            np.tile(self._traits[node], (len(others), 1)),
            np.stack([self._traits[other] for other in others]),
            whole=self._whole,
            weights=self._weights,
        )
        for price, other in zip(cost.tolist(), others, strict=True):
            heapq.heappush(self._heap, (price, other, node))


def _joined(first: Float64, second: Float64) -> Float64:
    """Sums add up; the gap, last, is the smaller one."""
    row = first + second
    row[-1] = min(first[-1], second[-1])
    return row
