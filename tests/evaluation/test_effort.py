from __future__ import annotations

import numpy as np
import pytest

from partworks.evaluation.effort import Effort, holds, review_effort
from partworks.evaluation.overlap import measure_overlap


def effort(rows: list[tuple[int, int, float]]) -> Effort:
    """Of faces given as (segment, true part, area)."""
    segment, part, area = (np.asarray(column) for column in zip(*rows, strict=True))
    return review_effort(measure_overlap(segment, part, areas=area.astype(float)))


def test_merges_are_what_parts_own_beyond_one() -> None:
    assert effort([(0, 0, 1), (1, 0, 1), (2, 0, 1), (3, 1, 1)]) == Effort(merges=2, splits=0)


def test_splits_are_what_segments_hold_beyond_one() -> None:
    found = effort([(0, 0, 5), (0, 1, 4), (0, 2, 3)])
    assert found == Effort(merges=0, splits=2)
    assert found.total == 6


def test_a_split_half_that_then_has_to_be_merged_is_counted_once() -> None:
    # The reviewer cuts segment 0 in two; its smaller half then joins segment 1 of part 1, but only
    # the owner of the whole segment counts for merges, as the measure is defined.
    assert effort([(0, 0, 6), (0, 1, 4), (1, 1, 6)]) == Effort(merges=0, splits=1)


@pytest.mark.parametrize(
    ("share_of_part", "share_of_segment", "held"),
    [(0.10, 0.02, True), (0.09, 0.5, False), (0.5, 0.019, False), (1.0, 1.0, True)],
)
def test_slivers_are_not_held(share_of_part: float, share_of_segment: float, held: bool) -> None:
    found = holds(np.asarray(1.0), np.asarray(1 / share_of_segment), np.asarray(1 / share_of_part))
    assert bool(found) is held


def test_shares_are_of_areas_and_not_of_faces() -> None:
    many_small = [(0, 1, 0.001)] * 50
    assert effort([(0, 0, 10), *many_small, (1, 1, 10)]) == Effort(merges=0, splits=0)


def test_segments_without_area_cost_nothing() -> None:
    assert effort([(0, 0, 1), (1, 0, 0), (2, 1, 0)]) == Effort(merges=0, splits=0)


def test_of_equal_overlaps_the_first_part_owns() -> None:
    assert effort([(0, 0, 1), (0, 1, 1), (1, 0, 1)]).merges == 1
    assert effort([(0, 0, 1), (0, 1, 1), (1, 1, 1)]).merges == 0
