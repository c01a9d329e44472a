"""Split by seeds or scribbles: each face goes to the seed that is nearest on the surface.

Where the surface bends inwards the way is longer, so that the border falls into the groove between
two limbs though one seed may lie nearer to it than the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from annotate.review.surface import Patch, ReviewSurface, patch_of

Bool = NDArray[np.bool_]
Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

CONCAVE_PENALTY = 2.0
"""Diagonals of the group that a turn of one radian inwards adds to the way across."""

SHORTEST = 1e-9


def geodesic_sides(
    surface: ReviewSurface,
    inside: Bool,
    seeds: Sequence[NDArray[Any]],
    *,
    concave_penalty: float = CONCAVE_PENALTY,
) -> Int64:
    """(K,) int64: for each face in `inside` (F,) the number of its seed.

    Ways go from middle to middle of faces that share an edge, in the group alone. What no seed
    reaches goes with the reached face nearest in space.

    Args:
        seeds: face numbers of two or more seeds or scribbles; what lies outside is passed over.

    Raises:
        ValueError: a seed has no face in the group, or a face is in two.
    """
    patch = patch_of(surface, inside)
    side_of_source, sources = seeds_in(patch, seeds)
    graph = dual_graph(surface, patch, concave_penalty=concave_penalty)
    _, _, nearest = dijkstra(
        graph, directed=False, indices=sources, min_only=True, return_predecessors=True
    )
    side_of_face = np.full(len(patch.faces), -1, np.int64)
    side_of_face[sources] = side_of_source
    # What no seed reaches has a number of its own, far below zero.
    sides: Int64 = np.where(nearest >= 0, side_of_face[np.maximum(nearest, 0)], -1)
    return _reach_all(surface.centroids[patch.faces], sides)


def seeds_in(patch: Patch, seeds: Sequence[NDArray[Any]]) -> tuple[Int64, Int64]:
    """Side and number in the patch of every seed face, in order of faces.

    Raises:
        ValueError: a seed has no face in the patch, or a face is in two.
    """
    side = np.full(len(patch.faces), -1, np.int64)
    for number, faces in enumerate(seeds):
        found = np.isin(patch.faces, faces)
        if not found.any():
            raise ValueError(f"seed {number} has no face in the group; click on the group itself")
        if (side[found] >= 0).any():
            raise ValueError(f"seed {number} shares a face with another; draw them apart")
        side[found] = number
    sources = np.flatnonzero(side >= 0)
    return side[sources], sources


def dual_graph(surface: ReviewSurface, patch: Patch, *, concave_penalty: float) -> csr_array:
    """(K, K): how far it is between faces that share an edge, in the surface's unit."""
    centroids = surface.centroids[patch.faces]
    used = centroids.max(axis=0, initial=-np.inf) - centroids.min(axis=0, initial=np.inf)
    size = float(np.linalg.norm(used)) if len(centroids) else 0.0
    away = np.linalg.norm(centroids[patch.pairs[:, 0]] - centroids[patch.pairs[:, 1]], axis=1)
    inwards = np.maximum(-surface.angle[patch.edges], 0.0)
    # Zero would be no edge at all to a sparse graph.
    far = np.maximum(away + concave_penalty * size * inwards, SHORTEST * max(size, SHORTEST))
    # A pair of faces with two edges in common is one pair, at its shorter way.
    order = np.lexsort((far, patch.pairs[:, 1], patch.pairs[:, 0]))
    pairs, far = patch.pairs[order], far[order]
    first = np.ones(len(pairs), bool)
    first[1:] = (pairs[1:] != pairs[:-1]).any(axis=1)
    count = len(patch.faces)
    return csr_array((far[first], (pairs[first, 0], pairs[first, 1])), shape=(count, count))


def _reach_all(centroids: Float64, sides: Int64) -> Int64:
    lost = sides < 0
    if not lost.any():
        return sides
    tree = cKDTree(centroids[~lost], balanced_tree=False, compact_nodes=False)
    _, nearest = tree.query(centroids[lost])
    reached = sides.copy()
    reached[lost] = sides[~lost][nearest]
    return reached
