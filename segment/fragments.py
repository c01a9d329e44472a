"""Faces that no mask tells of, and pieces too small to stand alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from partworks.geometry.adjacency import connected_components
from segment.surface import Surface

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


def spread_labels(labels: Int32, surface: Surface) -> Int32:
    """(F,) int32: unlabelled faces get the label of the nearest labelled face of their component.

    Distances run over welded edges, from centroid to centroid. Components without any label keep
    -1. Of labelled faces only those beside an unlabelled one are sources, so that the cost is that
    of what is filled.
    """
    empty = labels < 0
    left, right = surface.pairs.T
    beside = empty[left] | empty[right]
    if not beside.any():
        return labels
    nodes, ends = np.unique(surface.pairs[beside], return_inverse=True)
    ends = ends.reshape(-1, 2)
    step = surface.centroids[left[beside]] - surface.centroids[right[beside]]
    # A link of length zero would be no link.
    length = np.maximum(np.linalg.norm(step, axis=1), np.finfo(np.float64).tiny)
    order = np.lexsort((length, ends[:, 1], ends[:, 0]))
    ends, length = ends[order], length[order]
    first = np.concatenate([[True], (ends[1:] != ends[:-1]).any(axis=1)])
    graph = csr_matrix((length[first], ends[first].T), shape=(len(nodes), len(nodes)))
    sources = np.flatnonzero(~empty[nodes])
    if not len(sources):
        return labels
    _, _, source = dijkstra(
        graph, directed=False, indices=sources, return_predecessors=True, min_only=True
    )
    filled = labels.copy()
    known = source >= 0
    filled[nodes[known]] = labels[nodes[source[known]]]
    return filled


def absorb_fragments(
    labels: Int32, surface: Surface, *, gain: csr_matrix, price: Float64, min_share: float
) -> Int32:
    """(F,) int32: labels after connected pieces below `min_share` of the area joined a neighbour.

    Each round, every fragment takes the label of that neighbour on its own shell with which it
    fits best: where the price of the border that goes plus what its faces gain by the other label
    is largest. A fragment without such a neighbour stays. Fragments that choose one another get
    the label of the largest of them.

    Args:
        gain: (F, L) csr, what each face gains by each label.
        price: (E,) of each pair of `surface.pairs`, as `cut_prices` gives it.
    """
    inside = surface.shell[surface.pairs[:, 0]] == surface.shell[surface.pairs[:, 1]]
    pairs, price = surface.pairs[inside].astype(np.int64), price[inside]
    limit = min_share * surface.total_area
    while True:
        alike = labels[surface.pairs[:, 0]] == labels[surface.pairs[:, 1]]
        piece = connected_components(len(labels), surface.pairs[alike])
        area = np.bincount(piece, surface.areas)
        links = _best_fits(piece, labels, area < limit, gain=gain, pairs=pairs, price=price)
        if not len(links):
            return labels
        joined = connected_components(len(area), links)
        order = np.lexsort((-area, joined))
        _, first = np.unique(joined[order], return_index=True)
        _, face = np.unique(piece, return_index=True)
        labels = labels[face][order[first]][joined][piece]


def _best_fits(
    piece: Int32,
    labels: Int32,
    small: NDArray[np.bool_],
    *,
    gain: csr_matrix,
    pairs: Int64,
    price: Float64,
) -> Int64:
    """(K, 2) int64: each small piece that has neighbours, with the one that it fits best.

    Ties go to the neighbour with the smaller number.
    """
    ends = piece[pairs].astype(np.int64)
    ends, price = np.concatenate([ends, ends[:, ::-1]]), np.tile(price, 2)
    wanted = small[ends[:, 0]] & (ends[:, 0] != ends[:, 1])
    if not wanted.any():
        return np.zeros((0, 2), np.int64)
    count = len(small)
    shape = (count, count)
    border = csr_matrix((price[wanted], ends[wanted].T), shape=shape)
    border.sum_duplicates()
    rows = np.repeat(np.arange(count), np.diff(border.indptr))
    _, face = np.unique(piece, return_index=True)
    faces = np.flatnonzero(small[piece])
    gather = csr_matrix((np.ones(len(faces)), (piece[faces], faces)), shape=(count, len(piece)))
    pooled = csr_matrix(gather @ gain)
    other = labels[face][border.indices]
    votes = np.asarray(pooled[rows, np.maximum(other, 0)]).reshape(-1) * (other >= 0)
    fit = border.data + votes
    order = np.lexsort((border.indices, -fit, rows))
    chooser, first = np.unique(rows[order], return_index=True)
    return np.stack([chooser, border.indices[order[first]].astype(np.int64)], axis=1)
