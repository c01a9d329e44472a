from __future__ import annotations

import pytest

from partworks.evaluation.boundaries import BoundaryScores, boundary_scores, f_score
from tests.evaluation.grids import cells, grid

STRIP = grid(10, 1)  # its diagonal is about 10.05
TRUTH = cells(0, 0, 0, 0, 0, 1, 1, 1, 1, 1)


def test_equal_labels_agree_in_full() -> None:
    found = boundary_scores(TRUTH, TRUTH + 3, surface=STRIP)
    assert (found.precision, found.recall, found.f_score) == (1.0, 1.0, 1.0)


def test_a_boundary_next_door_is_found_within_the_tolerance_only() -> None:
    beside = cells(0, 0, 0, 0, 0, 0, 1, 1, 1, 1)
    near = boundary_scores(beside, TRUTH, surface=STRIP, tolerance=0.1)
    assert (near.precision, near.recall) == (1.0, 1.0)
    far = boundary_scores(beside, TRUTH, surface=STRIP, tolerance=0.09)
    assert (far.precision, far.recall, far.f_score) == (0.0, 0.0, 0.0)


def test_precision_falls_with_boundaries_that_are_not_true() -> None:
    finer = cells(0, 0, 1, 1, 1, 2, 2, 2, 3, 3)
    found = boundary_scores(finer, TRUTH, surface=STRIP)
    assert found.precision == pytest.approx(1 / 3) and found.recall == 1.0
    assert found.f_score == pytest.approx(0.5)


def test_recall_is_by_length() -> None:
    surface = grid(4, 4)
    halves = cells(*[0, 0, 1, 1] * 4)
    upper = cells(*[0, 0, 0, 0] * 1, *[0, 0, 1, 1] * 3)
    found = boundary_scores(upper, halves, surface=surface)
    assert found.recall == pytest.approx(3 / 4, abs=0.02), "the lowest cell's edge is not found"
    assert found.precision == pytest.approx(3 / 5, abs=0.02), "the edge below is not true"


def test_edges_beside_unknown_parts_are_left_out() -> None:
    unsure = cells(0, 0, 0, 0, 0, -1, 1, 1, 1, 1)
    assert boundary_scores(TRUTH, unsure, surface=STRIP) == BoundaryScores(
        precision=None, recall=None
    )


def test_without_a_boundary_there_is_no_share() -> None:
    whole = cells(*[0] * 10)
    assert boundary_scores(TRUTH, whole, surface=STRIP).f_score is None
    missed = boundary_scores(whole, TRUTH, surface=STRIP)
    assert (missed.precision, missed.recall, missed.f_score) == (None, 0.0, 0.0)
    assert f_score(0.0, 1.0) == 0.0
