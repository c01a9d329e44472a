"""The energy of a labelling of a graph: what cuts cost, less what nodes gain by their labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

SCALE = 1 << 27
"""What the dearest node becomes in whole numbers; a cut counts everything twice or more."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelProblem:
    """Which label each node of a graph should get, in whole numbers so that sums are exact.

    The energy of a labelling is the price of all pairs whose labels differ, less what nodes gain
    by their labels.

    Attributes:
        gain: (N, L) int64 csr, what each node gains by each label, not negative.
        pairs: (E, 2) int64 nodes; price: (E,) int64, not negative.
        around: (N,) int64, the prices of all pairs of a node.
        keys: (nnz,) int64, row times L plus column of each entry of `gain`, ascending.
    """

    gain: csr_matrix
    pairs: Int64
    price: Int64
    around: Int64
    keys: Int64

    @classmethod
    def from_real(cls, gain: csr_matrix, links: NDArray[Any], price: Float64) -> LabelProblem:
        """Round real gains (N, L) csr, and prices (E,) of links (E, 2), on one scale."""
        pairs: Int64 = links.astype(np.int64)
        count = gain.shape[0]
        gain = gain.sorted_indices()
        around = np.bincount(pairs.reshape(-1), np.repeat(price, 2), count)
        best = np.zeros(count)
        rows = np.repeat(np.arange(count), np.diff(gain.indptr))
        np.maximum.at(best, rows, gain.data)
        largest = float((best + around).max(initial=0))
        scale = SCALE / largest if largest > 0 else 0.0
        whole = csr_matrix(
            (np.rint(gain.data * scale).astype(np.int64), gain.indices, gain.indptr), gain.shape
        )
        whole_price = np.rint(price * scale).astype(np.int64)
        return cls(
            gain=whole,
            pairs=pairs,
            price=whole_price,
            around=sum_at(pairs.reshape(-1), np.repeat(whole_price, 2), count),
            keys=rows * gain.shape[1] + gain.indices,
        )

    def gains_of(self, nodes: Int64, labels: Int32 | Int64) -> Int64:
        """(K,) int64: what each node gains by the label beside it; 0 for label -1."""
        wanted = np.where(labels >= 0, nodes * self.gain.shape[1] + labels, -1)
        place = np.searchsorted(self.keys, wanted)
        found = np.append(self.keys, -2)[place] == wanted
        return np.where(found, np.append(self.gain.data, 0)[place], 0)

    def energy(self, labels: Int32) -> int:
        """The energy of a labelling (N,); label -1 gains nothing."""
        left, right = labels[self.pairs].T
        nodes = np.arange(len(labels))
        return int(self.price[left != right].sum() - self.gains_of(nodes, labels).sum())

    def worthwhile(self, candidates: csr_matrix) -> csr_matrix:
        """Candidates (N, L) csr without labels that no best labelling gives to a node.

        A label that gains less than the node's best, by more than all pairs of the node cost, is
        never worth it, whatever the neighbours have.
        """
        nodes = np.repeat(np.arange(candidates.shape[0]), np.diff(candidates.indptr))
        best = np.zeros(candidates.shape[0], np.int64)
        rows = np.repeat(np.arange(len(best)), np.diff(self.gain.indptr))
        np.maximum.at(best, rows, self.gain.data)
        labels = candidates.indices.astype(np.int64)
        kept = self.gains_of(nodes, labels) + self.around[nodes] >= best[nodes]
        ones = np.ones(int(kept.sum()), np.int8)
        return csr_matrix((ones, (nodes[kept], labels[kept])), candidates.shape)


def sum_at(places: Int64, values: Int64, count: int) -> Int64:
    """(count,) int64: the sums of whole `values` at `places`; exact, as they stay below 2^53."""
    return np.bincount(places, values, count).astype(np.int64)
