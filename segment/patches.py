"""Patches on surfaces that bend inwards without a crease, such as a body with its limbs.

No edge of such a surface tells where a limb ends, so the surface is cut into compact patches whose
borders lean towards concave places; the merge tree then decides which of the borders matter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import dijkstra

from partworks.geometry.adjacency import number_by_first
from segment.graph import crease_strength, totals
from segment.surface import Surface

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

TINY = float(np.finfo(np.float64).tiny)
CONCAVE_BEND = 0.5
CREASE_DETOUR = 8.0
ROUNDS = 3


def cut_patches(labels: Int32, surface: Surface, *, patches: int) -> Int32:
    """(F,) int32: regions after each that bends inwards was cut into patches.

    A region with a share s of the area gets about s times `patches` of them.
    """
    bent = concave_bend(labels, surface) > CONCAVE_BEND
    count = totals(labels, surface.areas) / max(surface.total_area, TINY) * patches
    chosen = bent & (count >= 2)
    if not chosen.any():
        return labels
    graph = _face_graph(labels, surface)
    size = np.sqrt(1.5 * surface.total_area / patches)
    inside = np.flatnonzero(chosen[labels])
    cell = _cells(surface.centroids[inside], labels[inside], size)
    patch = labels.copy()
    patch[inside] = labels.max() + 1 + cell
    for _ in range(ROUNDS):
        patch[inside] = _nearest_seed(graph, _middles(patch, surface, inside), inside)
    # The first seeds come from space, so a patch may hold a face that no path leads to.
    return number_by_first(patch.astype(np.int64) + np.int64(len(labels)) * ~chosen[labels])


def concave_bend(labels: Int32, surface: Surface) -> Float64:
    """(R,) float64: how much each region bends inwards, whatever its size and tessellation.

    Concave angle times length, summed over the edges within a region, over the square root of its
    area; a sphere with a ring-shaped dent of 30° about its middle has 0.6.
    """
    left, right = surface.pairs.T
    inner = (labels[left] == labels[right]) & (surface.angle < 0)
    bend = -surface.angle[inner].astype(np.float64) * surface.length[inner]
    area = totals(labels, surface.areas)
    total = np.bincount(labels[left[inner]], bend, minlength=len(area)).astype(np.float64)
    bend_of_region: Float64 = total / np.sqrt(np.maximum(area, TINY))
    return bend_of_region


def _face_graph(labels: Int32, surface: Surface) -> csr_matrix:
    """Distances between neighbouring faces of a region; concave creases are long detours."""
    inner = labels[surface.pairs[:, 0]] == labels[surface.pairs[:, 1]]
    left, right = surface.pairs[inner].T
    step = np.linalg.norm(surface.centroids[left] - surface.centroids[right], axis=1)
    cost = step * (1 + CREASE_DETOUR * crease_strength(surface.angle[inner]))
    # Entries that appear twice would add up, and zeros would vanish.
    keys, first = np.unique(left.astype(np.int64) * len(labels) + right, return_index=True)
    cost = np.maximum(cost[first], 1e-12)
    count = len(labels)
    return coo_matrix((cost, (keys // count, keys % count)), shape=(count, count)).tocsr()


def _cells(points: Float64, labels: Int32, size: float) -> Int32:
    """(N,) int32: the grid cell of each point, a cell apart for each region."""
    grid = np.floor((points - points.min(axis=0)) / size).astype(np.int64)
    low, high = np.uint64(21), np.uint64(42)
    key = grid[:, 0].astype(np.uint64) | grid[:, 1].astype(np.uint64) << low
    key = number_by_first(key | grid[:, 2].astype(np.uint64) << high).astype(np.int64)
    return number_by_first(key * (int(labels.max()) + 1) + labels)


def _middles(patch: Int32, surface: Surface, inside: Int64) -> Int64:
    """The face nearest to the centre of area of each patch."""
    ids = number_by_first(patch[inside])
    weight = np.maximum(surface.areas[inside], TINY)
    points = surface.centroids[inside]
    total = np.bincount(ids, weight)
    centre = np.stack([np.bincount(ids, weight * points[:, k]) for k in range(3)], axis=1)
    off = np.linalg.norm(points - (centre / total[:, None])[ids], axis=1)
    order = np.lexsort((inside, off, ids))
    _, first = np.unique(ids[order], return_index=True)
    middles: Int64 = inside[order[first]]
    return middles


def _nearest_seed(graph: csr_matrix, seeds: Int64, inside: Int64) -> Int64:
    """The seed face that each face of `inside` is nearest to."""
    _, _, source = dijkstra(
        graph, directed=False, indices=seeds, min_only=True, return_predecessors=True
    )
    # A face that no seed reaches stands alone.
    return np.where(source[inside] < 0, inside, source[inside])
