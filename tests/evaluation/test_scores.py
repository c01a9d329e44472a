from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partworks.evaluation.scores import evaluate, score_labels
from partworks.evaluation.surface import surface_graph
from tests.evaluation.grids import cells, grid, grid_mesh, tree

SURFACE = grid(5, 4)
LABELS = st.lists(st.integers(0, 4), min_size=20, max_size=20)


def test_identical_labels_are_perfect() -> None:
    truth = cells(*[0, 0, 1, 1, 2] * 4)
    found = score_labels(truth, truth, surface=SURFACE)
    assert (found.accuracy, found.under_segmentation, found.rand_error) == (1, 0, 0)
    assert (found.best_iou_faces, found.best_iou_area) == (1, pytest.approx(1))
    assert (found.boundary_precision, found.boundary_recall, found.effort) == (1, 1, 0)
    assert found.segments_per_part == 1


@settings(deadline=None)
@given(LABELS, LABELS, st.permutations(range(5)), st.permutations(range(5)))
def test_names_of_segments_and_parts_play_no_part(
    labels: list[int], truth: list[int], other_labels: list[int], other_truth: list[int]
) -> None:
    vertices, faces = grid_mesh(5, 4)
    vertices[:, :2] += np.random.default_rng(0).random((30, 2)) * 0.4  # no two areas are equal
    surface = surface_graph(vertices, faces)
    first = score_labels(cells(*labels), cells(*truth), surface=surface)
    second = score_labels(
        cells(*(other_labels[label] for label in labels)),
        cells(*(other_truth[part] for part in truth)),
        surface=surface,
    )
    for name, value in asdict(first).items():
        assert getattr(second, name) == pytest.approx(value), name


@settings(deadline=None)
@given(LABELS, LABELS, LABELS)
def test_cutting_segments_cannot_lower_what_merging_can_reach(
    labels: list[int], cuts: list[int], truth: list[int]
) -> None:
    coarse, true = cells(*labels), cells(*truth)
    fine = coarse * 5 + cells(*cuts)
    before = score_labels(coarse, true, surface=SURFACE)
    after = score_labels(fine, true, surface=SURFACE)
    assert after.accuracy >= before.accuracy - 1e-12
    assert after.under_segmentation <= before.under_segmentation + 1e-12
    assert (after.boundary_recall or 0) >= (before.boundary_recall or 0) - 1e-12


@settings(deadline=None)
@given(LABELS, LABELS)
def test_everything_stays_in_its_range(labels: list[int], truth: list[int]) -> None:
    found = score_labels(cells(*labels), cells(*truth), surface=SURFACE)
    for value in (found.accuracy, found.best_iou_faces, found.best_iou_area, found.rand_error):
        assert -1e-12 <= value <= 1 + 1e-12
    assert found.under_segmentation >= 0 and found.effort == found.merges + 3 * found.splits


def test_a_tree_that_holds_the_parts_is_perfect_at_its_best_level() -> None:
    truth = cells(*[0, 0, 1, 1, 1] * 4)
    leaves = cells(*[0, 1, 2, 3, 4] * 4)
    segments = tree(leaves, (0, 1), (2, 3), (4, 6), (5, 7))
    found = evaluate(segments, truth, surface=SURFACE)
    assert found.segments.effort == found.segments.merges == 3
    assert found.tree is not None
    assert (found.tree.effort.value, found.tree.effort.segments) == (0, 2)
    for best in (found.tree.best_iou_faces, found.tree.best_iou_area, found.tree.boundary_f):
        assert best is not None and best.value == pytest.approx(1) and best.segments == 2
    assert (found.tree.rand_error.value, found.tree.rand_error.segments) == (0, 2)
    assert found.tree.ranked.recall_10 == 1 and found.tree.effort_accuracy == 1
    assert found.one_piece.effort == 3, "one cut"
    assert found.effort_share == 0


def test_parts_and_components_are_measured_beside() -> None:
    vertices, faces = grid_mesh(2, 1)
    moved = np.concatenate([vertices, vertices + np.float32(5)])
    surface = surface_graph(moved, np.concatenate([faces, faces + len(vertices)]))
    truth = cells(0, 0, 1, 1)
    found = evaluate(cells(0, 1, 2, 3), truth, surface=surface, parts=cells(0, 0, 0, -1))
    assert (found.components.effort, found.one_piece.effort, found.segments.effort) == (0, 3, 2)
    assert found.parts is not None
    assert (found.parts.effort, found.parts.accuracy) == (3, pytest.approx(0.5))
    assert found.tree is None and found.effort_share is None


def test_several_truths_are_averaged() -> None:
    one, other = cells(*[0] * 20), cells(*[0] * 10, *[1] * 10)
    both = evaluate(one, np.stack([one, other]), surface=SURFACE)
    assert (both.truths, both.true_parts) == (2, 1.5)
    assert both.segments.accuracy == pytest.approx(0.75)
    assert both.segments.effort == 1.5
    assert both.segments.boundary_recall == 0.0, "over the truth that has a boundary"


def test_truth_of_the_wrong_length_or_without_a_part_is_refused() -> None:
    for truth in (np.zeros(3, int), np.full(40, -1)):
        with pytest.raises(ValueError, match="must have a label for each of 40 faces"):
            evaluate(np.zeros(40, int), truth, surface=SURFACE)
