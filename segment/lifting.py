"""Masks of many views lifted to the faces of a mesh: votes, labels, how sure they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from segment.communities import find_communities
from segment.counts import MaskCounts, count_masks
from segment.proposers.base import ViewMasks

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

OPAQUE = 0.98
"""No community hides more than this of what lies below it."""

TRUST = 3
"""What is found in a share p of the views that see it is trusted with 1 - (1 - p)³: the chance that
three such views do not all miss it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lifted:
    """What the masks of all views say of each face.

    Attributes:
        counts: pixels of atoms under masks.
        atoms: (F,) int32, the atom of each face; each is one of its own if there is no partition.
        communities: (M,) int32, the community of each mask of `counts`.
        votes: (F, C) float32 csr: how much of a face each of C communities gets; rows sum up to 1
            at most.
        labels: (F,) int32, the community with the most votes, -1 where there are none.
        confidence: (F,) float32 in [0, 1], the share of that community.
    """

    counts: MaskCounts
    atoms: Int32
    communities: Int32
    votes: csr_matrix
    labels: Int32
    confidence: Float32


def lift(
    face_ids: Sequence[Int32],
    masks: Sequence[ViewMasks],
    *,
    face_count: int,
    partition: Int32 | None = None,
    threshold: float = 0.6,
) -> Lifted:
    """Lift the masks of all views to the faces.

    Masks are matched across views into communities. A community holds an atom as far as its masks
    do, in the views that have them, and is trusted as far as the views that see it found it.
    Communities lie over one another, small over large, each as opaque as that: where a part was
    found within a whole, the part gets the vote, also if some views only found the whole; a mask
    that one view of many dreamt up leaves most to what is below.

    Args:
        face_ids: an image (H, W) int32 of each view, -1 for background.
        masks: the masks of each view.
        partition: (F,) int32, dense from 0: groups of faces that are counted as one, for faces
            smaller than pixels. All faces of a group get the same votes.
        threshold: see `segment.communities.find_communities`.
    """
    counts = count_masks(face_ids, masks, face_count=face_count, partition=partition)
    communities = find_communities(counts, threshold=threshold)
    votes = pool_votes(counts, communities)
    atoms = np.arange(face_count, dtype=np.int32)
    if partition is not None:
        atoms, votes = partition, csr_matrix(votes[partition])
    labels, confidence = strongest(votes)
    return Lifted(
        counts=counts,
        atoms=atoms,
        communities=communities,
        votes=votes,
        labels=labels,
        confidence=confidence,
    )


def pool_votes(counts: MaskCounts, communities: Int32) -> csr_matrix:
    """(A, C) float32 csr: the share of each atom that each community gets."""
    count = int(communities.max(initial=-1)) + 1
    member = csr_matrix(
        (np.ones(len(communities)), (np.arange(len(communities)), communities)),
        shape=(len(communities), count),
    )
    held = csr_matrix(counts.under.astype(np.float64) @ member)
    held.sort_indices()
    masks = np.zeros((count, counts.seen.shape[1]))
    np.add.at(masks, (communities, counts.view), 1)
    rows = np.repeat(np.arange(counts.atom_count), np.diff(held.indptr))
    could = np.zeros(len(rows))
    for view in range(counts.seen.shape[1]):
        could += counts.seen[rows, view] * masks[held.indices, view]
    held.data /= could
    size, found = _support(counts, held, communities)
    held.data *= OPAQUE * found[held.indices]
    return _overlaid(held, size)


def _support(counts: MaskCounts, held: csr_matrix, communities: Int32) -> tuple[Float64, Float64]:
    """Size (C,) of communities, and the share of what the views see of each in which it is found.

    A view in which it was found counts by its best score there, and as much as it sees of it.
    """
    weight = counts.mean_pixels()
    extent = held.T.tocsr()
    size = extent @ weight
    seen = extent @ ((counts.seen > 0) * weight[:, None])
    score = np.zeros(seen.shape)
    np.maximum.at(score, (communities, counts.view), counts.score)
    total = seen.sum(axis=1)
    rate = np.divide((seen * score).sum(axis=1), total, out=np.zeros(len(total)), where=total > 0)
    trust = 1 - (1 - rate.clip(0, 1)) ** TRUST
    return np.asarray(size, np.float64), np.asarray(trust, np.float64)


def _overlaid(opacity: csr_matrix, size: Float64) -> csr_matrix:
    """(A, C) float32 csr: what shows of each community where small ones lie over large ones."""
    order = np.argsort(size, kind="stable")
    rank = np.argsort(order)
    sorted_by_size = csr_matrix(
        (opacity.data, rank[opacity.indices], opacity.indptr), opacity.shape, copy=True
    )
    sorted_by_size.sort_indices()
    values, starts = sorted_by_size.data, sorted_by_size.indptr
    passed = np.concatenate([[0.0], np.cumsum(np.log1p(-values))])
    before = passed[:-1] - np.repeat(passed[starts[:-1]], np.diff(starts))
    votes = csr_matrix(
        (
            (values * np.exp(before)).astype(np.float32),
            order[sorted_by_size.indices].astype(np.int32),
            starts,
        ),
        opacity.shape,
    )
    votes.eliminate_zeros()
    votes.sort_indices()
    return votes


def strongest(votes: csr_matrix) -> tuple[Int32, Float32]:
    """The column of the largest entry of each row, (F,) int32, and that entry, (F,) float32.

    Ties go to the smaller column; rows without an entry get -1 and 0.
    """
    rows = np.repeat(np.arange(votes.shape[0]), np.diff(votes.indptr))
    order = np.lexsort((votes.indices, -votes.data, rows))
    filled = np.diff(votes.indptr) > 0
    first = order[votes.indptr[:-1][filled]]
    labels = np.full(votes.shape[0], -1, np.int32)
    confidence = np.zeros(votes.shape[0], np.float32)
    labels[filled], confidence[filled] = votes.indices[first], votes.data[first]
    return labels, confidence
