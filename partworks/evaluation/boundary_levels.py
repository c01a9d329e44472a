"""Boundary agreement at every cut of a merge tree."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from partworks.artifacts.segments import Segments
from partworks.evaluation.boundaries import (
    TOLERANCE,
    BoundarySamples,
    f_score,
    known_pairs,
    near_samples,
    parting_edges,
    sample_boundary,
)
from partworks.evaluation.surface import SurfaceGraph

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


def boundary_f_levels(
    segments: Segments,
    truth: NDArray[Any],
    *,
    surface: SurfaceGraph,
    tolerance: float = TOLERANCE,
) -> Float64:
    """(S,) float64: the F-score of `boundary_scores` at each level, NaN where it is None.

    A boundary between two leaves is there until the merge that joins them.
    """
    life = _edge_lives(segments, truth, surface)
    found = sample_boundary(np.flatnonzero(life), surface, tolerance=tolerance)
    true = sample_boundary(parting_edges(truth, truth, surface), surface, tolerance=tolerance)
    reach = tolerance * surface.diagonal
    levels = segments.count
    there = _alive(life[found.edge], found.length, levels)
    near = _alive(life[found.edge], found.length * near_samples(found, true, reach), levels)
    recalled = _alive(_longest_near(true, found, life, reach), true.length, levels)
    total = float(true.length.sum())
    scores = [
        f_score(hit / all_ if all_ > 0 else None, back / total) if total else None
        for hit, all_, back in zip(near, there, recalled, strict=True)
    ]
    return np.asarray([np.nan if score is None else score for score in scores])


def joining_levels(pairs: NDArray[Any], segments: Segments) -> Int64:
    """(P,) int64: the first level at which both leaves of each pair are in one group.

    Args:
        pairs: (P, 2) int leaves.
    """
    group = np.arange(segments.count)
    level = np.zeros(len(pairs), np.int64)
    apart = np.flatnonzero(pairs[:, 0] != pairs[:, 1])
    for row, (left, right) in enumerate(segments.merge_children.tolist()):
        group[(group == left) | (group == right)] = segments.count + row
        sides = group[pairs[apart]]
        joined = sides[:, 0] == sides[:, 1]
        level[apart[joined]] = row + 1
        apart = apart[~joined]
    return level


def _edge_lives(segments: Segments, truth: NDArray[Any], surface: SurfaceGraph) -> Int64:
    """(E,) int64: the levels for which each edge is a boundary, from the first; 0 for none."""
    known = known_pairs(truth, surface)
    leaves = segments.face_labels[surface.pairs[known]]
    distinct, row = np.unique(np.sort(leaves, axis=1), axis=0, return_inverse=True)
    life = np.zeros(len(surface.ends), np.int64)
    np.maximum.at(life, surface.edge[known], joining_levels(distinct, segments)[row.reshape(-1)])
    return life


def _alive(life: Int64, length: Float64, levels: int) -> Float64:
    """(S,) float64: at each level the length of what lives longer than that."""
    by_life = np.bincount(life, length, levels + 1)
    return np.asarray(np.cumsum(by_life[::-1])[::-1][1:])


def _longest_near(
    samples: BoundarySamples, others: BoundarySamples, life: Int64, reach: float
) -> Int64:
    """(N,) int64: the longest life of what lies near each of N samples, 0 for nothing."""
    longest = np.zeros(len(samples.points), np.int64)
    if not len(samples.points) or not len(others.points):
        return longest
    # A tree per lifetime would be exact too, but lists of neighbours along curves are short.
    tree: Any = cKDTree(others.points)
    around = tree.query_ball_point(samples.points, reach * 1.0001)
    counts = np.asarray([len(near) for near in around])
    some = counts > 0
    flat = np.fromiter((other for near in around for other in near), np.int64, counts.sum())
    starts = np.cumsum(counts[some]) - counts[some]
    if len(flat):
        longest[some] = np.maximum.reduceat(life[others.edge[flat]], starts)
    return longest
