from __future__ import annotations

import numpy as np
import pytest

from partworks.evaluation.overlap import measure_overlap
from partworks.evaluation.purity import achievable_accuracy, under_segmentation_error

TRUTH = np.asarray([0, 0, 0, 0, 1, 1])


def of(labels: list[int], areas: list[float] | None = None) -> tuple[float, float]:
    weights = np.asarray(areas or [1.0] * len(labels))
    overlap = measure_overlap(np.asarray(labels), TRUTH, areas=weights)
    return achievable_accuracy(overlap), under_segmentation_error(overlap)


def test_known_values() -> None:
    assert of([0, 0, 1, 1, 2, 2]) == (1.0, 0.0)
    assert of([0, 0, 0, 0, 0, 0]) == (pytest.approx(4 / 6), pytest.approx(4 / 6))
    assert of([0, 0, 0, 1, 1, 1]) == (pytest.approx(5 / 6), pytest.approx(2 / 6))
    assert of([0, 0, 0, -1, 1, 1])[0] == pytest.approx(5 / 6), "what has no segment is lost"


def test_areas_weigh() -> None:
    accuracy, leak = of([0, 0, 0, 1, 1, 1], [1, 1, 1, 3, 1, 1])
    assert accuracy == pytest.approx((3 + 3) / 8)
    assert leak == pytest.approx((2 + 2) / 8)
