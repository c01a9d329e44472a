"""Labels that masks voted for, made whole: filled, straightened along creases, free of fragments.

The votes of single faces are noisy where faces are smaller than pixels, and graph cuts over all
faces are dear. So labels are first settled for pieces of equal label, then for the faces in a
band around their borders.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, identity

from partworks.geometry.adjacency import connected_components
from segment.cuts import cut_prices
from segment.expansion import expand
from segment.fragments import absorb_fragments, spread_labels
from segment.graph import sum_pairs
from segment.label_problem import LabelProblem
from segment.lifting import Lifted
from segment.surface import Surface

Bool = NDArray[np.bool_]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

ROUNDS = 4
"""How often pieces, and bands, are settled at the most; the second time seldom changes much."""

LEAST_CONFIDENCE = 0.25
"""Votes of a face count relative to its largest share, or to this if that is smaller."""

FEWEST_RINGS = 2
MOST_RINGS = 8


# The parser of settings reads the attributes of a nested default through vars(), which slots lack.
@dataclass(frozen=True, kw_only=True)
class RegulariseConfig:
    """How votes become labels.

    Attributes:
        smoothness: the price of a flat cut as long as the square root of the surface's area, where
            all votes of the whole surface are worth 1. A border moves about this share of that
            root against the votes to reach a crease.
        band: the width of the band around borders in which faces may change sides, likewise.
        min_share: connected pieces of one label below this share of the area join a neighbour.
    """

    smoothness: float = 0.006
    band: float = 0.02
    min_share: float = 2e-4

    def __post_init__(self) -> None:
        for name in ("smoothness", "band", "min_share"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} must be in [0, 1), not {getattr(self, name)}")


def regularise(lifted: Lifted, surface: Surface, *, config: RegulariseConfig) -> Int32:
    """(F,) int32: the label of each face; -1 on components of which no face has a vote.

    Minimises, by alpha-expansion, the area-weighted share of votes against the labels plus the
    prices of cuts. The data term is linear in the votes: many faces with one pixel each weigh as
    much as one face with many. A face's votes count relative to its strongest label, so that
    labels do not weaken where masks of one part ended in several communities.
    """
    votes = lifted.votes
    if not (lifted.labels >= 0).any():
        return lifted.labels
    best = np.maximum(lifted.confidence, LEAST_CONFIDENCE)
    weight = np.repeat(_observed_area(lifted, surface) / best, np.diff(votes.indptr))
    gain = csr_matrix((votes.data * weight, votes.indices, votes.indptr), votes.shape)
    price = config.smoothness * cut_prices(surface)
    labels = spread_labels(lifted.labels, surface)
    labels = _settle_pieces(labels, gain, surface.pairs, price)
    labels = _settle_borders(labels, gain, surface, price, band=config.band)
    return absorb_fragments(labels, surface, gain=gain, price=price, min_share=config.min_share)


def _observed_area(lifted: Lifted, surface: Surface) -> Float64:
    """(F,) float64: the share of the surface's area that a face has, as far as views saw it.

    A face of which a few pixels show through a gap must not vote with all its area. What is seen
    in half as many pixels to its area as the median of what is seen counts in full.
    """
    atom_area = np.bincount(lifted.atoms, surface.areas, lifted.counts.atom_count)
    pixels = lifted.counts.seen.sum(axis=1, dtype=np.float64)
    solid = (pixels > 0) & (atom_area > 0)
    density = np.zeros(len(pixels))
    density[solid] = pixels[solid] / atom_area[solid]
    order = np.flatnonzero(solid)[np.argsort(density[solid], kind="stable")]
    if not len(order):
        return np.zeros(len(surface.areas))
    below = np.cumsum(atom_area[order])
    middle = np.searchsorted(below, below[-1] / 2, side="right")
    median = density[order[min(int(middle), len(order) - 1)]]
    observed: Float64 = surface.areas * np.minimum(2 * density / median, 1)[lifted.atoms]
    return observed / surface.total_area


def _settle_pieces(labels: Int32, gain: csr_matrix, pairs: Int32, price: Float64) -> Int32:
    """Expand over the graph of connected pieces of equal label, until they stay."""
    for _ in range(ROUNDS):
        alike = labels[pairs[:, 0]] == labels[pairs[:, 1]]
        piece = connected_components(len(labels), pairs[alike])
        _, face = np.unique(piece, return_index=True)
        gather = csr_matrix(
            (np.ones(len(piece)), (piece, np.arange(len(piece)))), (len(face), len(piece))
        )
        borders, border_price = sum_pairs(piece[pairs], price)
        problem = LabelProblem.from_real(csr_matrix(gather @ gain), borders, border_price)
        now = labels[face]
        candidates = _reachable(now, borders, width=gain.shape[1], rings=1) + _ones(problem.gain)
        settled = expand(problem, now, candidates=csr_matrix(candidates))
        if np.array_equal(settled, now):
            break
        labels = settled[piece]
    return labels


def _settle_borders(
    labels: Int32, gain: csr_matrix, surface: Surface, price: Float64, *, band: float
) -> Int32:
    """Expand over the faces near borders, until they stay."""
    root = np.sqrt(surface.total_area) or 1.0
    step = np.sqrt(2 * surface.total_area / max(len(surface.faces), 1))
    rings = int(np.clip(np.ceil(band * root / step), FEWEST_RINGS, MOST_RINGS)) if step else 1
    for _ in range(ROUNDS):
        settled = _settle_band(labels, gain, surface.pairs, price, rings=rings)
        if np.array_equal(settled, labels):
            break
        labels = settled
    return labels


def _settle_band(
    labels: Int32, gain: csr_matrix, pairs: Int32, price: Float64, *, rings: int
) -> Int32:
    band = _near_borders(labels, pairs, rings=rings)
    # One ring more holds still, so that the faces in the band feel what lies beside them.
    left, right = pairs.T
    rim = band.copy()
    rim[left[band[right]]] = True
    rim[right[band[left]]] = True
    faces = np.flatnonzero(rim)
    if not len(faces):
        return labels
    local = np.full(len(labels), -1, np.int64)
    local[faces] = np.arange(len(faces))
    inside = (band[left] | band[right]).nonzero()[0]
    ends = local[pairs[inside]]
    problem = LabelProblem.from_real(csr_matrix(gain[faces]), ends, price[inside])
    now = labels[faces]
    candidates = _reachable(now, ends, width=gain.shape[1], rings=rings)
    free = csr_matrix(
        (np.ones(len(faces), np.int8) * band[faces], (np.arange(len(faces)),) * 2),
        (len(faces), len(faces)),
    )
    free.eliminate_zeros()
    settled = expand(problem, now, candidates=csr_matrix(free @ candidates))
    changed = labels.copy()
    changed[faces] = settled
    return changed


def _near_borders(labels: Int32, pairs: Int32, *, rings: int) -> Bool:
    """(F,) bool: faces with a border no more than `rings` edges away."""
    left, right = pairs.T
    near = np.zeros(len(labels), bool)
    near[pairs[labels[left] != labels[right]]] = True
    for _ in range(rings - 1):
        grown = near.copy()
        grown[left[near[right]]] = True
        grown[right[near[left]]] = True
        near = grown
    return near


def _reachable(labels: Int32, pairs: Int64, *, width: int, rings: int) -> csr_matrix:
    """(N, L) csr with ones where a label lies no more than `rings` pairs from a node."""
    count = len(labels)
    known = np.flatnonzero(labels >= 0)
    ones = np.ones(len(known), np.int8)
    found = csr_matrix((ones, (known, labels[known])), (count, width))
    ones = np.ones(len(pairs), np.int8)
    linked = csr_matrix((ones, pairs.T), (count, count))
    around = _ones(csr_matrix(linked + linked.T + identity(count, np.int8, format="csr")))
    for _ in range(rings):
        found = _ones(csr_matrix(around @ found))
    return found


def _ones(matrix: csr_matrix) -> csr_matrix:
    """The same pattern with ones."""
    ones = np.ones(len(matrix.indices), np.int8)
    return csr_matrix((ones, matrix.indices, matrix.indptr), matrix.shape)
