"""Split by the cheapest border between two seeds: a minimum cut of the dual graph.

It sees the whole border at once, where `annotate.review.split.geodesic` sees ways, but a short
border is cheap wherever it lies. So seeds are grown first, or the cut would run around the smaller
of them. It takes longer: seconds where the other takes hundredths.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, dijkstra, maximum_flow

from annotate.review.split.geodesic import CONCAVE_PENALTY, dual_graph, geodesic_sides, seeds_in
from annotate.review.surface import Patch, ReviewSurface, patch_of

Bool = NDArray[np.bool_]
Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

GROWN = 0.35
"""How far seeds grow, as a share of the way between them."""

GROOVE = 0.35
"""Radians of an inward turn that make an edge cheaper by a factor of e."""

MOST = 1 << 24
"""The largest capacity; residual capacities of all edges of a face fit 32 bits."""

SURE = (1 << 31) - 1


def minimum_cut_sides(
    surface: ReviewSurface,
    inside: Bool,
    seeds: tuple[NDArray[Any], NDArray[Any]],
    *,
    grown: float = GROWN,
) -> Int64:
    """(K,) int64: side 0 or 1 of each face in `inside` (F,), cut along the cheapest border.

    An edge costs its length, less where the surface bends inwards. Components without a seed go as
    `geodesic_sides` has them.

    Args:
        seeds: face numbers of the two seeds.
        grown: as `GROWN`.

    Raises:
        ValueError: as `geodesic_sides`.
    """
    near = geodesic_sides(surface, inside, seeds)
    patch = patch_of(surface, inside)
    side, sources = seeds_in(patch, seeds)
    graph = dual_graph(surface, patch, concave_penalty=CONCAVE_PENALTY)
    held = [
        _grown(graph, sources[side == number], own=near == number, share=grown) for number in (0, 1)
    ]
    taken, linked = _cut(surface, patch, held)
    return np.where(linked, taken.astype(np.int64), near)


def _grown(graph: csr_array, seed: Int64, *, own: Bool, share: float) -> Int64:
    """A seed and the faces of its own side within a share of the way to the other side."""
    way = dijkstra(graph, directed=False, indices=seed, min_only=True)
    reach = float(way[~own].min(initial=np.inf))
    if not np.isfinite(reach):
        return seed
    return np.union1d(seed, np.flatnonzero(own & (way <= share * reach)))


def _cut(surface: ReviewSurface, patch: Patch, held: list[Int64]) -> tuple[Bool, Bool]:
    """Which faces fall to the second seed, and which are linked to any seed at all."""
    count = len(patch.faces)
    cost = surface.length[patch.edges] * np.exp(surface.angle[patch.edges].clip(max=0) / GROOVE)
    capacity = np.maximum(cost / max(float(cost.max(initial=0)), 1e-300) * MOST, 1).astype(np.int32)
    source, sink = count, count + 1
    rows = [patch.pairs[:, 0], patch.pairs[:, 1], np.full(len(held[0]), source), held[1]]
    columns = [patch.pairs[:, 1], patch.pairs[:, 0], held[0], np.full(len(held[1]), sink)]
    values = [capacity, capacity, *(np.full(len(seed), SURE, np.int32) for seed in held)]
    graph = csr_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
        shape=(count + 2, count + 2),
    )
    residual = graph - maximum_flow(graph, source, sink).flow
    residual.eliminate_zeros()
    reached = breadth_first_order(residual.T.tocsr(), sink, return_predecessors=False)
    linked = breadth_first_order(graph, source, directed=False, return_predecessors=False)
    taken, found = np.zeros(count + 2, bool), np.zeros(count + 2, bool)
    taken[reached], found[linked] = True, True
    return taken[:count], found[:count]
