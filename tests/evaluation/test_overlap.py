from __future__ import annotations

import numpy as np
import pytest

from partworks.evaluation.overlap import intersection_over_union, measure_overlap


def test_faces_and_areas_are_counted_by_pair() -> None:
    found = measure_overlap(
        np.asarray([0, 0, 2, -1, 2]),
        np.asarray([7, 5, 7, 7, -1]),
        areas=np.asarray([1.0, 2.0, 3.0, 4.0, 5.0]),
    )
    assert found.table(found.faces).tolist() == [[1, 1], [0, 0], [0, 1]]
    assert found.table(found.area).tolist() == [[2, 1], [0, 0], [0, 3]]
    assert found.segment_faces.tolist() == [2, 0, 1], "the face of unknown part is left out"
    assert found.part_faces.tolist() == [1, 3], "the face without a segment counts in its part"
    assert found.part_area.tolist() == [2, 8]
    assert found.segment_count == 2 and found.part_count == 2 and found.known_area == 10


def test_lengths_that_differ_are_an_error() -> None:
    with pytest.raises(ValueError, match="one entry per face"):
        measure_overlap(np.zeros(3, int), np.zeros(2, int), areas=np.ones(3))


def test_iou_of_nothing_is_0() -> None:
    found = intersection_over_union(np.asarray([2, 0]), np.asarray([4, 0]), np.asarray([2, 0]))
    assert found.tolist() == [0.5, 0.0]
