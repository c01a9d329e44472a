"""Every measure of one object's segmentation, averaged over its truths."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.segments import Segments
from partworks.evaluation.average import mean_of
from partworks.evaluation.best_overlap import mean_best_iou_by_area, mean_best_iou_by_faces
from partworks.evaluation.boundaries import TOLERANCE, boundary_scores
from partworks.evaluation.effort import review_effort
from partworks.evaluation.overlap import measure_overlap
from partworks.evaluation.purity import achievable_accuracy, under_segmentation_error
from partworks.evaluation.rand import rand_error
from partworks.evaluation.surface import SurfaceGraph
from partworks.evaluation.tree_scores import TreeScores, ranked_nodes, score_tree


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelScores:
    """One labeling against the truth; numbers are floats because they may be averages.

    Attributes:
        segments: segments that hold a face whose true part is known.
        segments_per_part: the same over the number of true parts.
        accuracy: achievable segmentation accuracy.
        under_segmentation: under-segmentation error.
        best_iou_faces: class-agnostic mean best IoU by faces; `best_iou_area` by area.
        rand_error: of the Princeton benchmark.
        boundary_precision: None where no segments or no true parts touch.
        boundary_recall: None where no true parts touch, as is `boundary_f`.
        merges, splits, effort: of the review; effort = merges + 3 × splits.
    """

    segments: float
    segments_per_part: float
    accuracy: float
    under_segmentation: float
    best_iou_faces: float
    best_iou_area: float
    rand_error: float
    boundary_precision: float | None
    boundary_recall: float | None
    boundary_f: float | None
    merges: float
    splits: float
    effort: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All that is said of one object.

    Attributes:
        truths: how many labelings the numbers are averaged over.
        true_parts: how many parts they have.
        segments: the default output: the tree cut at its default height, or the labels given.
        leaves: the leaves of the tree; None for labels without one.
        tree: the best levels of the tree; None for labels without one.
        parts: what automatic acceptance or a reviewer has made of them, if there is that.
        components: the baseline of one segment for each connected component, welded by position.
        one_piece: the baseline of one segment in all.
    """

    truths: float
    true_parts: float
    segments: LabelScores
    leaves: LabelScores | None
    tree: TreeScores | None
    parts: LabelScores | None
    components: LabelScores
    one_piece: LabelScores

    @property
    def effort_share(self) -> float | None:
        """Effort at the best slider position over that of one whole piece; None without either."""
        if self.tree is None or not self.one_piece.effort:
            return None
        return self.tree.effort.value / self.one_piece.effort


def evaluate(
    found: Segments | NDArray[Any],
    truth: NDArray[Any],
    *,
    surface: SurfaceGraph,
    parts: NDArray[Any] | None = None,
    tolerance: float = TOLERANCE,
) -> Evaluation:
    """Measure an object's segmentation against one truth or several, whose scores are averaged.

    Args:
        found: segments with their tree, or (F,) int labels, negative for none.
        truth: (F,) or (H, F) int, true parts, negative where they are not known.
        surface: of the object.
        parts: (F,) int labels of reviewed parts, negative for dropped faces.
        tolerance: of boundaries, share of the diagonal.

    Raises:
        ValueError: a truth does not have one label per face, or knows none.
    """
    truths = np.atleast_2d(truth)
    if truths.shape[1:] != surface.areas.shape or not (truths >= 0).any(axis=1).all():
        raise ValueError(
            f"truth of shape {truths.shape} must have a label for each of "
            f"{len(surface.areas)} faces, some of them not negative"
        )
    leaves = found.face_labels if isinstance(found, Segments) else None
    output = found.default_labels if isinstance(found, Segments) else found
    ranked = ranked_nodes(found) if isinstance(found, Segments) else None
    one_piece = np.zeros(len(surface.areas), np.int32)
    rows = [
        Evaluation(
            truths=1.0,
            true_parts=float(len(np.unique(true[true >= 0]))),
            segments=score_labels(output, true, surface=surface, tolerance=tolerance),
            leaves=None
            if leaves is None
            else score_labels(leaves, true, surface=surface, tolerance=tolerance),
            tree=score_tree(ranked, true, surface=surface, tolerance=tolerance)
            if ranked is not None
            else None,
            parts=None
            if parts is None
            else score_labels(parts, true, surface=surface, tolerance=tolerance),
            components=score_labels(surface.component, true, surface=surface, tolerance=tolerance),
            one_piece=score_labels(one_piece, true, surface=surface, tolerance=tolerance),
        )
        for true in truths
    ]
    return replace(mean_of(rows), truths=float(len(rows)))


def score_labels(
    labels: NDArray[Any],
    truth: NDArray[Any],
    *,
    surface: SurfaceGraph,
    tolerance: float = TOLERANCE,
) -> LabelScores:
    """Measure one labeling (F,) against one truth (F,)."""
    overlap = measure_overlap(labels, truth, areas=surface.areas)
    effort = review_effort(overlap)
    boundary = boundary_scores(labels, truth, surface=surface, tolerance=tolerance)
    return LabelScores(
        segments=float(overlap.segment_count),
        segments_per_part=overlap.segment_count / max(overlap.part_count, 1),
        accuracy=achievable_accuracy(overlap),
        under_segmentation=under_segmentation_error(overlap),
        best_iou_faces=mean_best_iou_by_faces(overlap),
        best_iou_area=mean_best_iou_by_area(overlap),
        rand_error=rand_error(overlap),
        boundary_precision=boundary.precision,
        boundary_recall=boundary.recall,
        boundary_f=boundary.f_score,
        merges=float(effort.merges),
        splits=float(effort.splits),
        effort=float(effort.total),
    )
