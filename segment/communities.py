"""Communities of masks: those of many views that show the same thing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, triu

from partworks.geometry.adjacency import connected_components, number_by_first
from segment.counts import MaskCounts
from segment.graph import group_pairs

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

SUPPORT = 8.0
"""Pixels by which unions are enlarged, so that a few pixels in common prove little."""

BORDER = 5.0
"""Pixels: the perimeter of a square or disc over the root of its area, times an error of 1.3."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pool:
    """What is known of K communities, in pixels as a mean view sees them.

    Attributes:
        pairs: (E, 2) int64 communities with something in common, the smaller first, sorted.
        common: (E,) float64, what their masks have in common, summed over pairs of masks.
        alike: (E,) float64, how many pairs of masks of one view are the same thing found twice.
        size: (K,) float64, what masks hold, summed over masks.
        extent: (K, V) float64, what each view sees of the masks, summed over masks.
        views: (K, V) float64, the number of masks in each view.
    """

    pairs: Int64
    common: Float64
    alike: Float64
    size: Float64
    extent: Float64
    views: Float64

    def agreement(self) -> Float64:
        """(E,) float64 in [0, 1]: intersection over union of two communities, pooled over masks.

        Each pair of masks is compared on what the views of both see, so that masks of the front
        and of a side are not held apart by what only one of them can show.
        """
        left, right = self.pairs.T
        sizes = np.einsum("ev,ev->e", self.extent[left], self.views[right])
        sizes += np.einsum("ev,ev->e", self.extent[right], self.views[left])
        agreed: Float64 = self.common / (sizes - self.common + SUPPORT)
        return agreed

    def closeness(self) -> Float64:
        """(E,) float64 in [0, 1]: the same over all that the masks hold.

        Where a view sees one side of a box, a mask of two sides agrees with the mask of this one as
        well as another mask of just that side does, but is less close to it.
        """
        left, right = self.pairs.T
        number = self.views.sum(axis=1)
        sizes = self.size[left] * number[right] + self.size[right] * number[left]
        close: Float64 = self.common / (sizes - self.common + SUPPORT)
        return close

    def needed(self, threshold: float) -> Float64:
        """(E,) float64: the agreement that two communities must reach.

        Where masks are small, borders that are off by little more than a pixel cost a lot of it.
        """
        number = self.views.sum(axis=1)
        side = np.sqrt(self.size / np.maximum(number, 1))[self.pairs].min(axis=1)
        least: Float64 = threshold * (1 - np.minimum(BORDER / np.maximum(side, 1), 0.5))
        return least

    def rivals(self) -> NDArray[np.bool_]:
        """(E,) bool: whether a view has a mask of either and tells them apart."""
        left, right = self.pairs.T
        meetings = np.einsum("ev,ev->e", self.views[left], self.views[right])
        apart: NDArray[np.bool_] = meetings > self.alike
        return apart

    def contract(self, group: Int32) -> _Pool:
        """The pool of groups of communities: `group` (K,) gives each one's, dense from 0."""
        gather = csr_matrix((np.ones(len(group)), (group, np.arange(len(group)))))
        pairs, order, starts = group_pairs(group[self.pairs])
        sums = np.stack([self.common, self.alike], axis=1)[order]
        sums = np.add.reduceat(sums, starts, axis=0) if len(starts) else sums
        return _Pool(
            pairs=pairs,
            common=sums[:, 0],
            alike=sums[:, 1],
            size=np.asarray(gather @ self.size),
            extent=np.asarray(gather @ self.extent),
            views=np.asarray(gather @ self.views),
        )


def find_communities(counts: MaskCounts, *, threshold: float = 0.6) -> Int32:
    """(M,) int32: the community of each mask, numbered by its first mask.

    Average linkage over the masks of all views: of two communities whose masks agree, on what the
    views of both see, by an intersection over union of at least `threshold` (less where they are
    small), those merge first that are closest over all they hold. All pairs of masks count, also
    those with nothing in common, and masks that one view tells apart never share a community. So a
    mask that holds two parts cannot chain the communities of both to one another, as connected
    components of matches would let it; and a whole, its parts and their parts stay communities of
    their own.

    All pairs that are each other's closest merge at once, as in clustering by reciprocal nearest
    neighbours (Murtagh 1983, A survey of recent advances in hierarchical clustering algorithms).
    """
    community = np.arange(counts.mask_count, dtype=np.int32)
    pool = _single_masks(counts, threshold)
    while True:
        fits = (pool.agreement() >= pool.needed(threshold)) & ~pool.rivals()
        links = _mutual_best(pool.pairs[fits], pool.closeness()[fits], count=len(pool.size))
        if not len(links):
            return number_by_first(community)
        group = connected_components(len(pool.size), links)
        community = group[community]
        pool = pool.contract(group)


def _single_masks(counts: MaskCounts, threshold: float) -> _Pool:
    """The pool in which each mask is a community.

    An atom weighs as many pixels as a view that sees it sees of it on average: the same in all
    views, or masks of the same thing would differ by perspective.
    """
    weight = counts.mean_pixels()
    shares = counts.shares().astype(np.float64)
    weighted = csr_matrix(
        (shares.data * weight[counts.rows], shares.indices, shares.indptr), shares.shape
    )
    pairs, common = _upper(csr_matrix(shares.T.tocsr() @ weighted))
    views = np.zeros((counts.mask_count, counts.seen.shape[1]))
    views[np.arange(counts.mask_count), counts.view] = 1
    extent = weighted.T.tocsr() @ (counts.seen > 0).astype(np.float64)
    size = np.asarray(weighted.sum(axis=0), np.float64).reshape(-1)
    left, right = pairs.T
    union = size[left] + size[right] - common
    same_view = counts.view[left] == counts.view[right]
    return _Pool(
        pairs=pairs,
        common=common,
        alike=(same_view & (common >= threshold * union)).astype(np.float64),
        size=size,
        extent=extent,
        views=views,
    )


def _upper(matrix: csr_matrix) -> tuple[Int64, Float64]:
    """The entries above the diagonal: pairs (E, 2) int64, sorted, and their values (E,)."""
    above = csr_matrix(triu(matrix, k=1))
    above.sum_duplicates()
    above.sort_indices()
    rows = np.repeat(np.arange(above.shape[0]), np.diff(above.indptr))
    return np.stack([rows, above.indices.astype(np.int64)], axis=1), above.data


def _mutual_best(pairs: Int64, closeness: Float64, *, count: int) -> Int64:
    """(K, 2) int64: pairs (E, 2) of `count` things of which each is the other's closest.

    Ties go to the smaller number, so there always is such a pair where there is any.
    """
    both = np.concatenate([pairs, pairs[:, ::-1]])
    order = np.lexsort((both[:, 1], -np.tile(closeness, 2), both[:, 0]))
    chooser, first = np.unique(both[order, 0], return_index=True)
    best = np.full(count, -1, np.int64)
    best[chooser] = both[order[first], 1]
    mutual = chooser[best[best[chooser]] == chooser]
    mutual = mutual[mutual < best[mutual]]
    return np.stack([mutual, best[mutual]], axis=1)
