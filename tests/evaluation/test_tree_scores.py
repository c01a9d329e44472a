from __future__ import annotations

import pytest

from partworks.evaluation import tree_scores
from partworks.evaluation.tree_scores import ranked_nodes, score_tree
from tests.evaluation.grids import cells, grid, tree

SURFACE = grid(4, 1)
SEGMENTS = tree(cells(0, 1, 2, 3), (0, 1), (4, 2), (5, 3))


def test_the_best_level_is_the_coarsest_of_those_that_are_equally_good() -> None:
    found = score_tree(ranked_nodes(SEGMENTS), cells(0, 0, 1, 1), surface=SURFACE)
    assert (found.effort.value, found.effort.segments) == (1, 3)
    assert (found.effort_merges, found.effort_splits, found.effort_accuracy) == (1, 0, 1)
    assert found.best_iou_faces.value == pytest.approx((1 + 1 / 2) / 2)
    assert found.rand_error.value == pytest.approx((2 * 2) / (8 * 7 / 2))


def test_nodes_that_last_longest_come_first_and_near_duplicates_go() -> None:
    # Node 4, cells 0 and 1, is repeated by both of them, by 5 and by 6: a half is just above 0.5.
    # Nothing repeats leaves 3 and 2 then, of which 3 lasts longer.
    assert ranked_nodes(SEGMENTS).order.tolist() == [4, 3, 2]


def test_nodes_are_scored_as_ranked_masks() -> None:
    halves = score_tree(ranked_nodes(SEGMENTS), cells(0, 0, 1, 1), surface=SURFACE).ranked
    assert halves.average_precision_75 == pytest.approx(1 / 2), "node 4"
    assert halves.average_precision_50 == halves.recall_10 == 1, "leaf 3 is half of the other"
    corner = score_tree(ranked_nodes(SEGMENTS), cells(0, 0, 0, 1), surface=SURFACE).ranked
    assert corner.average_precision_75 == pytest.approx(1 / 2 / 2), "leaf 3, after a miss"


def test_accuracy_of_a_handful_is_that_of_the_finest_level_with_so_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    truth = cells(0, 1, 1, 1)
    nodes = ranked_nodes(SEGMENTS)
    assert score_tree(nodes, truth, surface=SURFACE).accuracy_40 == 1
    monkeypatch.setattr(tree_scores, "HANDFUL", 3)
    assert score_tree(nodes, truth, surface=SURFACE).accuracy_40 == pytest.approx(3 / 4)


def test_without_a_true_boundary_there_is_no_best_level_for_it() -> None:
    found = score_tree(ranked_nodes(SEGMENTS), cells(0, 0, 0, 0), surface=SURFACE)
    assert found.boundary_f is None and found.effort.segments == 1
