"""Alpha-expansion: labels of a graph that agree with votes and cut where cuts are cheap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, identity

from segment.label_problem import LabelProblem, sum_at
from segment.minimum_cut import takers

Bool = NDArray[np.bool_]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Offer:
    """Nodes (K,) int64, the label (K,) int64 that each may take, and its gain by it (K,) int64."""

    nodes: Int64
    labels: Int64
    gain: Int64

    def only(self, kept: Bool) -> _Offer:
        return _Offer(nodes=self.nodes[kept], labels=self.labels[kept], gain=self.gain[kept])


def expand(
    problem: LabelProblem, labels: Int32, *, candidates: csr_matrix, sweeps: int = 8
) -> Int32:
    """(N,) int32: labels of an energy that no expansion of one label over its candidates lowers.

    Alpha-expansion (Boykov, Veksler, Zabih 2001, Fast approximate energy minimization via graph
    cuts): for each label in turn, the best set of nodes to take it is found by a minimum cut. With
    all labels as candidates of all nodes the energy, with gains counted as losses against the best
    label, is at most twice the least one. It never rises. Labels whose candidates do not meet
    are expanded in one cut, and a label is only tried again after something near it changed.

    Args:
        labels: (N,) int32 to begin with; -1 for none.
        candidates: (N, L) csr, an entry for each label that a node may take.
        sweeps: rounds over all labels at the most.
    """
    labels, candidates = labels.copy(), problem.worthwhile(candidates)
    near = _near(problem, candidates)
    offers = list(_offers(problem, candidates, near))
    stale = np.ones(candidates.shape[1], bool)
    for _ in range(sweeps):
        for offer in offers:
            tried = offer.only(stale[offer.labels])
            stale[offer.labels] = False
            changed = _move(problem, labels, tried)
            touched = np.zeros(len(stale), bool)
            touched[near[changed].indices] = True
            touched[offer.labels] = False
            stale |= touched
        if not stale.any():
            break
    return labels


def _near(problem: LabelProblem, candidates: csr_matrix) -> csr_matrix:
    """(N, L) csr with an entry for each label that is a candidate of a node or of a neighbour."""
    count = candidates.shape[0]
    left, right = problem.pairs.T
    ones = np.ones(len(left), np.int32)
    linked = csr_matrix((ones, (left, right)), shape=(count, count))
    around = linked + linked.T + identity(count, np.int32, format="csr")
    return csr_matrix(around @ candidates.astype(np.int32))


def _offers(problem: LabelProblem, candidates: csr_matrix, near: csr_matrix) -> Iterator[_Offer]:
    """Groups of labels that can expand at once, with their candidates."""
    meet = csr_matrix(candidates.T.tocsr().astype(np.int32) @ near)
    group = _colours(meet)
    nodes = np.repeat(np.arange(candidates.shape[0]), np.diff(candidates.indptr))
    labels = candidates.indices.astype(np.int64)
    whole = _Offer(nodes=nodes, labels=labels, gain=problem.gains_of(nodes, labels))
    order = np.argsort(group[labels], kind="stable")
    ends = np.cumsum(np.bincount(group[labels]))
    for members in np.split(order, ends[:-1]) if len(order) else ():
        yield _Offer(nodes=nodes[members], labels=labels[members], gain=whole.gain[members])


def _colours(meet: csr_matrix) -> Int64:
    """(L,) int64: a colour for each label, so that labels that meet (L, L) have different ones.

    Greedy, those that meet most first.
    """
    colour = np.full(meet.shape[0], -1, np.int64)
    for label in np.argsort(-np.diff(meet.indptr), kind="stable"):
        beside = colour[meet.indices[meet.indptr[label] : meet.indptr[label + 1]]]
        taken = np.zeros(len(beside) + 1, bool)
        taken[beside[(beside >= 0) & (beside <= len(beside))]] = True
        colour[label] = np.argmin(taken)
    return colour


def _move(problem: LabelProblem, labels: Int32, offer: _Offer) -> Int64:
    """Let the best set of nodes take what they are offered, in place; the nodes that did.

    Everything is doubled, because a pair of nodes that both may take a label and have different
    ones now counts half: it costs its price unless both take.
    """
    now = problem.gains_of(offer.nodes, labels[offer.nodes])
    open_to = labels[offer.nodes] != offer.labels
    open_to &= now - offer.gain < problem.around[offer.nodes]
    offer, now = offer.only(open_to), now[open_to]
    if not len(offer.nodes):
        return offer.nodes
    local = np.full(len(labels), -1, np.int64)
    local[offer.nodes] = np.arange(len(offer.nodes))
    ends = local[problem.pairs]
    here = (ends >= 0).any(axis=1)
    ends, pairs, price = ends[here], problem.pairs[here], problem.price[here]
    before = labels[pairs[:, 0]] != labels[pairs[:, 1]]
    both = (ends >= 0).all(axis=1)
    unary = 2 * (now - offer.gain)
    count = len(unary)
    unary -= sum_at(ends[both].reshape(-1), np.repeat(price[both] * before[both], 2), count)
    for side in (0, 1):
        one = ~both & (ends[:, side] >= 0)
        mine = ends[one, side]
        after = offer.labels[mine] != labels[pairs[one, 1 - side]]
        unary += sum_at(mine, 2 * price[one] * (after.astype(np.int64) - before[one]), count)
    took = takers(unary, ends[both], price[both] * (2 - before[both]))
    labels[offer.nodes[took]] = offer.labels[took]
    return offer.nodes[took]
