"""First pieces of an over-segmentation: faces that no crease divides, and no crumbs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.adjacency import connected_components, number_by_first
from segment.graph import sum_pairs
from segment.surface import Surface

Int32 = NDArray[np.int32]


def grow_regions(surface: Surface, *, concave_crease: float, convex_crease: float) -> Int32:
    """(F,) int32: regions of one shell, grown over edges that are not sharp and do not branch.

    Minima rule (Hoffman and Richards 1984, Parts of recognition): people part a shape at its
    concave creases, so these cut earlier than convex ones. Both limits are in degrees.
    """
    shell, (left, right) = surface.shell, surface.pairs.T
    sharp = (surface.angle > np.radians(convex_crease)) | (
        surface.angle < -np.radians(concave_crease)
    )
    joined = (shell[left] == shell[right]) & surface.manifold & ~sharp
    return connected_components(len(surface.faces), surface.pairs[joined])


def absorb_crumbs(labels: Int32, surface: Surface, *, min_share: float) -> Int32:
    """(F,) int32: regions after those below `min_share` of the area joined a neighbour.

    Each round, every crumb joins the region of its own shell with which it shares the longest
    boundary. A crumb that is a shell of its own stays.
    """
    shell, (left, right) = surface.shell, surface.pairs.T
    inside = shell[left] == shell[right]
    pairs, length = surface.pairs[inside], surface.length[inside]
    limit = min_share * surface.total_area
    while True:
        area = np.bincount(labels, surface.areas)
        borders, sums = sum_pairs(labels[pairs], length)
        links = best_neighbours(borders, -sums, area < limit)
        if not len(links):
            return number_by_first(labels)
        labels = connected_components(len(area), links)[labels]


def best_neighbours(
    pairs: NDArray[np.int64], cost: NDArray[np.float64], chooses: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """(K, 2) int64: each region that `chooses`, with its cheapest neighbour of `pairs` (E, 2).

    Ties go to the neighbour with the smaller number.
    """
    both = np.concatenate([pairs, pairs[:, ::-1]])
    both_cost = np.concatenate([cost, cost])
    wanted = chooses[both[:, 0]]
    both, both_cost = both[wanted], both_cost[wanted]
    order = np.lexsort((both[:, 1], both_cost, both[:, 0]))
    both = both[order]
    _, first = np.unique(both[:, 0], return_index=True)
    cheapest: NDArray[np.int64] = both[first]
    return cheapest
