"""A tree over the regions of an image, merged across the weakest borders first."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Borders:
    """Neighbouring regions and what lies between them.

    Attributes:
        pairs: (E, 2) int64 regions from 0 on, the smaller first, no pair twice, sorted.
        length: (E,) float64 edges between pixels.
        strength: (E,) float64 the sum of their strengths.
    """

    pairs: Int64
    length: Float64
    strength: Float64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hierarchy:
    """Regions 0…R-1 and what they merge to: node R + k is made out of `children[k]`.

    Attributes:
        children: (K, 2) int64.
        size: (R + K,) int64 pixels.
        inner: (R + K,) float64 the strongest border that was merged inside; 0 for a region.
        outer: (R + K,) float64 the mean strength of the border to other regions, 1 without any.
    """

    children: Int64
    size: Int64
    inner: Float64
    outer: Float64

    @property
    def regions(self) -> int:
        """R, the number of regions."""
        return len(self.size) - len(self.children)

    def leaves(self) -> list[Int64]:
        """The regions below each node, ascending."""
        below: list[Int64] = [np.array([region], np.int64) for region in range(self.regions)]
        for first, second in self.children:
            below.append(np.sort(np.concatenate([below[first], below[second]])))
        return below


def build_hierarchy(size: Int64, borders: Borders, *, small: float) -> Hierarchy:
    """Merge regions across the border of the lowest mean strength until no borders are left.

    After a merge the strengths of borders to a common neighbour are pooled, as for the ultrametric
    contour maps of Arbeláez et al. 2011, Contour detection and hierarchical image segmentation.

    Args:
        size: (R,) int64 pixels.
        borders: between the regions.
        small: pixels below which a region merges the sooner, the smaller it is.
    """
    sizes, inner = size.tolist(), [0.0] * len(size)
    around: list[dict[int, tuple[float, float]]] = [{} for _ in sizes]
    for (a, b), length, strength in zip(
        borders.pairs.tolist(), borders.length.tolist(), borders.strength.tolist(), strict=True
    ):
        around[a][b] = around[b][a] = (length, strength)
    heap: list[tuple[float, int, int]] = []

    def push(a: int, b: int) -> None:
        length, strength = around[a][b]
        discount = min(1.0, (min(sizes[a], sizes[b]) / small) ** 0.5)
        heappush(heap, (strength / length * discount, min(a, b), max(a, b)))

    for a, b in borders.pairs.tolist():
        push(a, b)
    outer, children = [_mean(neighbours) for neighbours in around], []
    # Each merge changes the costs of the next, so this goes one by one; there are hundreds.
    while heap:
        _, a, b = heappop(heap)
        if b not in around[a]:
            continue
        length, strength = around[a][b]
        node = len(sizes)
        children.append((a, b))
        sizes.append(sizes[a] + sizes[b])
        inner.append(max(inner[a], inner[b], strength / length))
        around.append(_merge(around, a, b))
        for other in around[node]:
            push(other, node)
        outer.append(_mean(around[node]))
    return Hierarchy(
        children=np.array(children, np.int64).reshape(-1, 2),
        size=np.array(sizes, np.int64),
        inner=np.array(inner, np.float64),
        outer=np.array(outer, np.float64),
    )


def _merge(
    around: list[dict[int, tuple[float, float]]], a: int, b: int
) -> dict[int, tuple[float, float]]:
    """The borders of a new node, made of those of two others, which lose theirs."""
    node = len(around)
    pooled: dict[int, tuple[float, float]] = {}
    for old in (a, b):
        for other, (length, strength) in around[old].items():
            if other in (a, b):
                continue
            before = pooled.get(other, (0.0, 0.0))
            pooled[other] = (before[0] + length, before[1] + strength)
            del around[other][old]
        around[old] = {}
    for other, border in pooled.items():
        around[other][node] = border
    return pooled


def _mean(borders: dict[int, tuple[float, float]]) -> float:
    total = sum(length for length, _ in borders.values())
    return sum(strength for _, strength in borders.values()) / total if total else 1.0


def find_borders(regions: Int32, right: NDArray[np.float32], down: NDArray[np.float32]) -> Borders:
    """What lies between the regions 1…R of an image (H, W), where 0 is nothing.

    `right` and `down` are strengths, as in `PixelEdges`; regions are numbered from 0 on in the
    result.
    """
    first = np.concatenate([regions[:, :-1].reshape(-1), regions[:-1].reshape(-1)])
    second = np.concatenate([regions[:, 1:].reshape(-1), regions[1:].reshape(-1)])
    strength = np.concatenate([right.reshape(-1), down.reshape(-1)])
    across = np.flatnonzero((first != second) & (first > 0) & (second > 0))
    low = np.minimum(first[across], second[across]).astype(np.int64) - 1
    high = np.maximum(first[across], second[across]).astype(np.int64) - 1
    count = int(regions.max(initial=0)) + 1
    keys, place = np.unique(low * count + high, return_inverse=True)
    return Borders(
        pairs=np.stack([keys // count, keys % count], axis=1),
        length=np.bincount(place, minlength=len(keys)).astype(np.float64),
        strength=np.bincount(place, strength[across], minlength=len(keys)).astype(np.float64),
    )
