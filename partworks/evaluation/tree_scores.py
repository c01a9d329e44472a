"""The best levels of a merge tree, and its nodes as ranked masks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from partworks.artifacts.segments import Segments
from partworks.evaluation.boundaries import TOLERANCE
from partworks.evaluation.boundary_levels import boundary_f_levels
from partworks.evaluation.levels import lifetimes, measure_levels, node_rows
from partworks.evaluation.overlap import measure_overlap
from partworks.evaluation.ranked import EPSILON, RankedScores, mask_iou, rank_masks, score_ranked
from partworks.evaluation.surface import SurfaceGraph

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

HANDFUL = 40
"""Segments that a reviewer can take in at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BestLevel:
    """The best value of a measure over all cuts of a tree.

    Attributes:
        value: the best value.
        segments: the groups there; of levels that are equally good the coarsest counts.
    """

    value: float
    segments: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeScores:
    """A tree against the truth, each measure at the level that is best for it.

    Attributes:
        effort: at the best slider position, of which `effort_merges` and `effort_splits` are part.
        effort_accuracy: the achievable accuracy of that same level.
        accuracy_40: the achievable accuracy of the finest level of at most 40 segments, which is
            about what a reviewer can take in.
        boundary_f: None where there is no true boundary.
        ranked: the nodes of the tree as ranked masks.
    """

    effort: BestLevel
    effort_merges: float
    effort_splits: float
    effort_accuracy: float
    accuracy_40: float
    best_iou_faces: BestLevel
    best_iou_area: BestLevel
    rand_error: BestLevel
    boundary_f: BestLevel | None
    ranked: RankedScores


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankedNodes:
    """Segments and their tree's nodes in the order of `rank_masks`, K of 2 S - 1."""

    segments: Segments
    order: Int64


def ranked_nodes(segments: Segments) -> RankedNodes:
    """Rank the nodes of a tree as masks; those that last longest on the slider come first."""
    masks = csr_array(_members(segments))
    areas = segments.segment_area.astype(np.float64)
    weights = areas * segments.count / max(float(areas.sum()), 1e-300)
    lives = lifetimes(segments)
    first = np.argsort(lives.birth - lives.death, kind="stable")
    masks = masks[first]
    return RankedNodes(
        segments=segments, order=first[rank_masks(mask_iou(masks, masks, weights=weights))]
    )


def _members(segments: Segments) -> NDArray[np.float64]:
    """(2 S - 1, S): 1 where a leaf is below a node."""
    return np.asarray(node_rows(np.eye(segments.count), segments))


def score_tree(
    nodes: RankedNodes,
    truth: NDArray[Any],
    *,
    surface: SurfaceGraph,
    tolerance: float = TOLERANCE,
) -> TreeScores:
    """Measure all cuts of a tree against one truth, (F,) int, negative where not known."""
    segments = nodes.segments
    overlap = measure_overlap(segments.face_labels, truth, areas=surface.areas)
    levels = measure_levels(segments, overlap)
    boundary = boundary_f_levels(segments, truth, surface=surface, tolerance=tolerance)
    easiest = _coarsest_best(-levels.effort)
    return TreeScores(
        effort=BestLevel(
            value=float(levels.effort[easiest]), segments=float(levels.segments[easiest])
        ),
        effort_merges=float(levels.merges[easiest]),
        effort_splits=float(levels.splits[easiest]),
        effort_accuracy=float(levels.accuracy[easiest]),
        accuracy_40=float(levels.accuracy[max(segments.count - HANDFUL, 0)]),
        best_iou_faces=_highest(levels.best_iou_faces, levels.segments),
        best_iou_area=_highest(levels.best_iou_area, levels.segments),
        rand_error=_lowest(levels.rand_error, levels.segments),
        boundary_f=None if np.isnan(boundary).all() else _highest(boundary, levels.segments),
        ranked=_score_nodes(nodes, truth, surface),
    )


def _score_nodes(nodes: RankedNodes, truth: NDArray[Any], surface: SurfaceGraph) -> RankedScores:
    """PartGen's measures by area, scaled so that a face has 1 on average."""
    overlap = measure_overlap(nodes.segments.face_labels, truth, areas=surface.areas)
    leaves = np.zeros((nodes.segments.count, overlap.part_count))
    leaves[overlap.segment, overlap.part] = overlap.area
    scale = len(surface.areas) / max(float(surface.areas.sum()), 1e-300)
    shared = node_rows(leaves * scale, nodes.segments)[nodes.order]
    joint = shared.sum(axis=1)[:, None] + overlap.part_area * scale - shared
    return score_ranked((shared + EPSILON) / (joint + EPSILON))


def _coarsest_best(values: NDArray[Any]) -> int:
    """The last level of those with the greatest value; NaN is none."""
    return int(np.flatnonzero(values == np.nanmax(values))[-1])


def _highest(values: Float64, segments: Int64) -> BestLevel:
    level = _coarsest_best(values)
    return BestLevel(value=float(values[level]), segments=float(segments[level]))


def _lowest(values: Float64, segments: Int64) -> BestLevel:
    level = _coarsest_best(-values)
    return BestLevel(value=float(values[level]), segments=float(segments[level]))
