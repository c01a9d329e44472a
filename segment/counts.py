"""How many pixels of each face, or group of faces, lie under each mask of each view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from segment.proposers.base import ViewMasks

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskCounts:
    """Pixels of atoms, which are faces or groups of faces, in views and under masks.

    Masks of all views are numbered together: by view, then from small to large, whatever order they
    came in, so that equal masks in another order give equal counts.

    Attributes:
        seen: (A, V) float32, pixels in which view v sees atom a.
        under: (A, M) float32 csr, pixels of atom a under mask m; columns ascend in each row.
        view: (M,) int32, the view of each mask.
        score: (M,) float32 in [0, 1].
    """

    seen: Float32
    under: csr_matrix
    view: Int32
    score: Float32

    @property
    def atom_count(self) -> int:
        """The number of atoms."""
        return len(self.seen)

    @property
    def mask_count(self) -> int:
        """The number of masks of all views."""
        return len(self.view)

    @property
    def rows(self) -> Int64:
        """(nnz,) int64: the atom of each entry of `under`."""
        return np.repeat(np.arange(self.atom_count), np.diff(self.under.indptr))

    def shares(self) -> csr_matrix:
        """(A, M) float32 csr like `under`: shares of what the view sees of an atom, in (0, 1]."""
        visible = self.seen[self.rows, self.view[self.under.indices]]
        return csr_matrix(
            (self.under.data / visible, self.under.indices, self.under.indptr), self.under.shape
        )

    def mean_pixels(self) -> Float64:
        """(A,) float64: the pixels of each atom in a view that sees it, on average."""
        views = np.count_nonzero(self.seen, axis=1)
        pixels: Float64 = self.seen.sum(axis=1, dtype=np.float64) / np.maximum(views, 1)
        return pixels

    def pooled(self, groups: Int32, *, count: int) -> MaskCounts:
        """The counts of `count` groups of atoms.

        Args:
            groups: (A,) int32, the group of each atom; -1 leaves an atom out.
        """
        matrix = _membership(groups, count)
        under = csr_matrix(matrix @ self.under)
        under.sort_indices()
        seen = np.asarray(matrix @ self.seen, np.float32)
        return MaskCounts(seen=seen, under=under, view=self.view, score=self.score)


def count_masks(
    face_ids: Sequence[Int32],
    masks: Sequence[ViewMasks],
    *,
    face_count: int,
    partition: Int32 | None = None,
) -> MaskCounts:
    """Count the pixels of each face in each view and under each of its masks.

    Masks that hold nothing but background are left out.

    Args:
        face_ids: an image (H, W) int32 of each view, -1 for background.
        masks: the masks of each view, over the same pixels.
        partition: (F,) int32, the atom of each face, dense from 0; default: each face is one.
    """
    assert len(face_ids) == len(masks)
    atoms = np.arange(face_count, dtype=np.int32) if partition is None else partition
    count = int(atoms.max(initial=-1)) + 1
    seen = np.zeros((count, len(masks)), np.float32)
    under, view, score = [csr_matrix(np.zeros((0, count), np.float32))], [], []
    for number, (image, found) in enumerate(zip(face_ids, masks, strict=True)):
        faces = image.reshape(-1)
        hit = faces >= 0
        atom = atoms[faces[hit]]
        seen[:, number] = np.bincount(atom, minlength=count)
        starts = np.concatenate([[0], np.cumsum(hit)])
        ones = np.ones(len(atom), np.float32)
        atom_of_pixel = csr_matrix((ones, atom, starts), (len(faces), count))
        pixel_of_mask = csr_matrix(
            (np.ones(len(found.pixels), np.float32), found.pixels, found.starts),
            (found.count, len(faces)),
        )
        counts = csr_matrix(pixel_of_mask @ atom_of_pixel)
        counts.sort_indices()
        order = _canonical_order(counts, found.score)
        under.append(counts[order])
        view.append(np.full(len(order), number, np.int32))
        score.append(found.score[order])
    return MaskCounts(
        seen=seen,
        under=_transposed(vstack(under, format="csr")),
        view=np.concatenate([*view, np.zeros(0, np.int32)]),
        score=np.concatenate([*score, np.zeros(0, np.float32)]),
    )


def _membership(groups: Int32, count: int) -> csr_matrix:
    """(G, A) matrix that sums atoms into groups."""
    atoms = np.flatnonzero(groups >= 0)
    ones = np.ones(len(atoms), np.float32)
    return csr_matrix((ones, (groups[atoms], atoms)), (count, len(groups)))


def _canonical_order(counts: csr_matrix, score: Float32) -> Int64:
    """(K,) int64: the masks that hold a face, from small to large.

    Ties are broken by what the masks hold and not by the order they came in.
    """
    size = _row_sums(counts, counts.data.astype(np.float64))
    place = _row_sums(counts, (counts.data * counts.indices).astype(np.float64))
    spread = _row_sums(counts, np.sqrt(counts.data * (counts.indices + 1.0)).astype(np.float64))
    order = np.lexsort((score, spread, place, size))
    kept: Int64 = order[size[order] > 0]
    return kept


def _row_sums(matrix: csr_matrix, values: Float64) -> Float64:
    """(rows,) float64: the sums of `values`, one for each stored entry, over each row."""
    rows = np.repeat(np.arange(len(matrix.indptr) - 1), np.diff(matrix.indptr))
    return np.bincount(rows, values, len(matrix.indptr) - 1).astype(np.float64)


def _transposed(matrix: csr_matrix) -> csr_matrix:
    turned: Any = matrix.T.tocsr()
    turned.sort_indices()
    return csr_matrix(turned)
