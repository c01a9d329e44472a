from __future__ import annotations

import numpy as np
import pytest

from partworks.evaluation.best_overlap import mean_best_iou_by_area, mean_best_iou_by_faces
from partworks.evaluation.overlap import measure_overlap


def test_known_values_by_faces_and_by_area() -> None:
    overlap = measure_overlap(
        np.asarray([0, 0, 0, 1, 1, 1]),
        np.asarray([0, 0, 1, 1, 1, -1]),
        areas=np.asarray([1.0, 1.0, 6.0, 1.0, 1.0, 9.0]),
    )
    assert mean_best_iou_by_faces(overlap) == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert mean_best_iou_by_area(overlap) == pytest.approx((2 / 8 + 6 / 10) / 2)


def test_one_segment_may_be_the_best_of_several_parts() -> None:
    overlap = measure_overlap(np.zeros(4, int), np.asarray([0, 0, 0, 1]), areas=np.ones(4))
    assert mean_best_iou_by_faces(overlap) == pytest.approx((3 / 4 + 1 / 4) / 2)


def test_a_part_without_area_counts_by_faces_alone() -> None:
    overlap = measure_overlap(np.asarray([0, 1]), np.asarray([0, 1]), areas=np.asarray([1.0, 0.0]))
    assert mean_best_iou_by_area(overlap) == mean_best_iou_by_faces(overlap) == 1.0
