"""The cheapest way to part the vertices of a graph in two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

Int64 = NDArray[np.int64]

MOST = 1 << 30
"""Capacities stay below, so that residual capacities, up to twice as much, fit 32 bits."""


def takers(unary: Int64, pairs: Int64, capacity: Int64) -> NDArray[np.bool_]:
    """(N,) bool: the smallest set of nodes whose taking is cheapest.

    Minimises the sum of `unary` over the nodes that take and of `capacity` over the pairs of which
    one takes and the other does not. Exact; by maximum flow with Dinic's algorithm (scipy).

    Args:
        unary: (N,) int64, below 2^30 in size.
        pairs: (E, 2) int64; capacity: (E,) int64, not negative, at most 2^30 a pair.
    """
    count = len(unary)
    wish = np.flatnonzero(unary < 0)
    if not len(wish):
        return np.zeros(count, bool)
    resist = np.flatnonzero(unary > 0)
    source, sink = count, count + 1
    rows = np.concatenate([pairs[:, 0], pairs[:, 1], np.full(len(resist), source), wish])
    columns = np.concatenate([pairs[:, 1], pairs[:, 0], resist, np.full(len(wish), sink)])
    values = np.concatenate([capacity, capacity, unary[resist], -unary[wish]])
    assert values.max(initial=0) < MOST
    graph = csr_array((values.astype(np.int32), (rows, columns)), shape=(count + 2, count + 2))
    residual = graph - maximum_flow(graph, source, sink).flow
    residual.eliminate_zeros()
    reached = breadth_first_order(residual.T.tocsr(), sink, return_predecessors=False)
    taken = np.zeros(count + 2, bool)
    taken[reached] = True
    return taken[:count]
