"""Evaluations as tables, narrow enough for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from partworks.evaluation.root import ObjectScores, means_by_kind
from partworks.evaluation.scores import Evaluation
from partworks.evaluation.tree_scores import TreeScores


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreTable:
    """A title, the heads of the columns, and a row per object with the mean at the end."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[object]]


def score_tables(objects: Sequence[ObjectScores]) -> Iterator[ScoreTable]:
    """Three tables for each kind of truth."""
    for kind, mean in means_by_kind(objects).items():
        rows = [(row.name, row.scores) for row in objects if row.kind == kind]
        rows.append((f"mean of {len(rows)}", mean))
        for title, columns, cells in _TABLES:
            if cells is _tree_cells and mean.tree is None:
                continue
            yield ScoreTable(
                title=f"{title}; truth: {kind}",
                columns=("object", *columns),
                rows=[[name, *cells(scores)] for name, scores in rows],
            )


def _segment_cells(scores: Evaluation) -> list[str]:
    found = scores.segments
    return [
        _count(scores.true_parts),
        _count(found.segments),
        _share(found.accuracy),
        _share(found.under_segmentation),
        _share(found.best_iou_faces),
        _share(found.rand_error),
        _share(found.boundary_precision),
        _share(found.boundary_recall),
    ]


def _tree_cells(scores: Evaluation) -> list[str]:
    tree = scores.tree
    return ["–"] * len(_TREE) if tree is None else _level_cells(tree)


def _level_cells(tree: TreeScores) -> list[str]:
    return [
        _share(tree.accuracy_40),
        _share(tree.best_iou_faces.value),
        _share(tree.best_iou_area.value),
        _share(tree.rand_error.value),
        _share(tree.boundary_f.value if tree.boundary_f else None),
        _share(tree.ranked.average_precision_50),
        _share(tree.ranked.average_precision_75),
        _share(tree.ranked.recall_10),
    ]


def _effort_cells(scores: Evaluation) -> list[str]:
    tree = scores.tree
    return [
        _count(scores.leaves.effort if scores.leaves else None),
        _count(scores.segments.effort),
        _count(tree.effort.value if tree else None),
        _count(tree.effort.segments if tree else None),
        _count(scores.parts.effort if scores.parts else None),
        _count(scores.components.effort),
        _count(scores.one_piece.effort),
    ]


def _count(value: float | None) -> str:
    """A count or an average of counts; whole ones without a fraction."""
    return "–" if value is None else f"{value:.1f}".removesuffix(".0")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


_SEGMENTS = ("parts", "segs", "ASA", "UE", "IoU", "Rand", "bound P", "bound R")
_TREE = ("ASA40", "IoU", "by area", "Rand", "bound F", "AP50", "AP75", "R@10")
_EFFORT = ("leaves", "default", "slider", "at", "accepted", "components", "one piece")

_TABLES: tuple[tuple[str, tuple[str, ...], Callable[[Evaluation], list[str]]], ...] = (
    ("default output", _SEGMENTS, _segment_cells),
    ("best level of the merge tree", _TREE, _tree_cells),
    ("review effort", _EFFORT, _effort_cells),
)
