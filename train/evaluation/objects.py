"""One generated object beside the true one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from train.evaluation.scores import Scores
from train.metrics.boxes import box_following
from train.metrics.evaluation import Evaluator
from train.metrics.mesh import TriangleMesh
from train.metrics.overlap import part_overlap
from train.sampling.assembly import GeneratedObject, GeneratedPart
from train.validation.comparison import Comparison, compare, part_name
from train.validation.truth import ObjectTruth

Rows = list[tuple[str | None, dict[str, float]]]
"""(part, None for the whole; metrics)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ObjectEvaluation:
    """What was found of an object.

    Attributes:
        comparison: of its parts with the true ones, in one frame.
        rows: further table -> rows; see `TITLES` of `train.evaluation.report`.
    """

    comparison: Comparison
    rows: dict[str, Rows] = field(default_factory=dict)


def evaluate_object(
    truth: ObjectTruth,
    made: GeneratedObject,
    *,
    evaluator: Evaluator,
    scores: Scores,
    own_frame: bool = True,
) -> ObjectEvaluation:
    """Compare parts, which were made in the order of the true ones, so that no match is sought.

    Args:
        truth: in the object's frame, which is that of the layout.
        own_frame: compare parts in frames of their own, too.
    """
    predicted = [part.mesh for part in made.parts]
    every = list(range(len(predicted)))
    comparison = compare(truth, predicted, parts=every, evaluator=evaluator, own_frame=own_frame)
    names = [part_name(truth, part) for part in every]
    found = ObjectEvaluation(comparison=comparison)
    boxes = made.layout.boxes
    around = np.stack([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)])
    found.rows["boxes"] = [
        (None, {"box_iou": box_following(TriangleMesh.union(predicted), around)}),
        *(
            (name, {"box_iou": box_following(mesh, box)})
            for name, mesh, box in zip(names, predicted, boxes, strict=True)
        ),
    ]
    resolution = evaluator.config.resolution
    found.rows["overlap"] = [(None, {"overlap": part_overlap(predicted, resolution=resolution)})]
    if truth.mesh is not None:
        true = [truth.part_mesh(part) for part in every]
        found.rows["overlap_true"] = [
            (None, {"overlap": part_overlap(true, resolution=resolution)})
        ]
        whole = evaluator.compare(made.whole.mesh, TriangleMesh.union(true))
        found.rows["global_branch"] = [(None, whole.metrics)]
    if not scores.is_empty:
        found.rows["scores"] = _scores(made, names, scores)
    return found


def _scores(made: GeneratedObject, names: Sequence[str], scores: Scores) -> Rows:
    """Of the parts by their texts, and of all parts with the pictures of the whole by its text."""
    layout = made.layout
    together = TriangleMesh.union([part.mesh for part in made.parts])
    rows: Rows = [(None, scores.of(together, made.whole.images, text=layout.text))]
    each: Sequence[GeneratedPart] = made.parts
    for name, part, told in zip(names, each, layout.parts, strict=True):
        rows.append((name, scores.of(part.mesh, part.images, text=told.prompt)))
    return rows
