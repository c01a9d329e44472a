"""Whether segments end where true parts do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from partworks.evaluation.surface import SurfaceGraph

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

TOLERANCE = 0.01
"""How far apart two boundaries may lie and be the same, as a share of the diagonal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryScores:
    """Agreement of boundaries.

    Attributes:
        precision: the share of the segments' boundary, by length, that lies near a true one; None
            where either labeling has no boundary.
        recall: the share of the true boundary, by length, that lies near one of the segments';
            None where there is no true boundary.
    """

    precision: float | None
    recall: float | None

    @property
    def f_score(self) -> float | None:
        """The harmonic mean; 0 where only the truth has a boundary, None where it has none."""
        return f_score(self.precision, self.recall)


def f_score(precision: float | None, recall: float | None) -> float | None:
    """The harmonic mean of both; None without a recall, 0 without a precision."""
    if recall is None:
        return None
    if not precision or not recall:
        return 0.0
    return 2 * precision * recall / (precision + recall)


def boundary_scores(
    labels: NDArray[Any],
    truth: NDArray[Any],
    *,
    surface: SurfaceGraph,
    tolerance: float = TOLERANCE,
) -> BoundaryScores:
    """Compare the edges that part segments with those that part true parts.

    An edge is a boundary if faces on it have different labels. Boundaries are sampled along their
    length, and a sample is found if the other boundary has one within `tolerance` times the
    diagonal of the bounding box, in a straight line. Edges beside a face whose true part is not
    known are left out. Shells that do not touch have no edge between them, hence no boundary.

    Args:
        labels: (F,) int. truth: (F,) int, negative where not known.
        tolerance: share of the diagonal, above 0.
    """
    found = sample_boundary(parting_edges(labels, truth, surface), surface, tolerance=tolerance)
    true = sample_boundary(parting_edges(truth, truth, surface), surface, tolerance=tolerance)
    reach = tolerance * surface.diagonal
    recall = _share_near(true, found, reach)
    precision = None if recall is None else _share_near(found, true, reach)
    return BoundaryScores(precision=precision, recall=recall)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoundarySamples:
    """Points along boundaries: where, of which edge, and for how much length each one stands."""

    points: Float64
    edge: Int64
    length: Float64


def known_pairs(truth: NDArray[Any], surface: SurfaceGraph) -> NDArray[np.bool_]:
    """(P,) bool: whether the true parts of both faces of a pair are known."""
    return np.asarray((truth[surface.pairs] >= 0).all(axis=1))


def parting_edges(labels: NDArray[Any], truth: NDArray[Any], surface: SurfaceGraph) -> Int64:
    """Ascending edges on which faces of known true parts have different labels."""
    sides = labels[surface.pairs]
    parted = (sides[:, 0] != sides[:, 1]) & known_pairs(truth, surface)
    return np.asarray(np.unique(surface.edge[parted]), np.int64)


def sample_boundary(edges: Int64, surface: SurfaceGraph, *, tolerance: float) -> BoundarySamples:
    """Points on edges, evenly spaced at no more than half of the tolerance, at least one each."""
    assert tolerance > 0
    start, stop = surface.ends[edges, 0], surface.ends[edges, 1]
    length = np.linalg.norm(stop - start, axis=1)
    spacing = tolerance * surface.diagonal / 2
    pieces = np.maximum(np.ceil(length / spacing), 1).astype(np.int64) if len(edges) else edges
    row = np.repeat(np.arange(len(edges)), pieces)
    step = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    along = ((step + 0.5) / pieces[row])[:, None]
    return BoundarySamples(
        points=start[row] * (1 - along) + stop[row] * along,
        edge=edges[row],
        length=length[row] / pieces[row],
    )


def near_samples(
    samples: BoundarySamples, others: BoundarySamples, reach: float
) -> NDArray[np.bool_]:
    """(N,) bool: whether another sample lies within `reach` of each of N samples."""
    if not len(samples.points) or not len(others.points):
        return np.zeros(len(samples.points), bool)
    distance, _ = cKDTree(others.points).query(samples.points, distance_upper_bound=reach * 1.0001)
    return np.asarray(np.isfinite(distance))


def _share_near(samples: BoundarySamples, others: BoundarySamples, reach: float) -> float | None:
    total = float(samples.length.sum())
    if not total:
        return None
    return float(samples.length[near_samples(samples, others, reach)].sum()) / total
