"""Every level at once must be what that level is when it is measured alone."""

from __future__ import annotations

import numpy as np
import pytest

from partworks.evaluation.best_overlap import mean_best_iou_by_area, mean_best_iou_by_faces
from partworks.evaluation.effort import review_effort
from partworks.evaluation.levels import lifetimes, measure_levels
from partworks.evaluation.overlap import measure_overlap
from partworks.evaluation.purity import achievable_accuracy
from partworks.evaluation.rand import rand_error
from tests.evaluation.grids import cells, random_tree, tree


def test_lifetimes_of_a_small_tree() -> None:
    lives = lifetimes(tree(cells(0, 1, 2), (1, 2), (0, 3)))
    assert lives.birth.tolist() == [0, 0, 0, 1, 2]
    assert lives.death.tolist() == [2, 1, 1, 2, 3]
    assert lives.levels == 3


def test_a_single_segment_has_one_level() -> None:
    overlap = measure_overlap(np.zeros(4, int), np.zeros(4, int), areas=np.ones(4))
    levels = measure_levels(tree(np.zeros(4, np.int32)), overlap)
    assert levels.effort.tolist() == [0] and levels.best_iou_faces.tolist() == [1.0]


@pytest.mark.parametrize("seed", range(6))
def test_all_levels_equal_each_level_alone(seed: int) -> None:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 23, 200).astype(np.int32)
    truth = np.where(generator.random(200) < 0.6, labels // 5, generator.integers(-1, 7, 200))
    areas = generator.random(200) * (generator.random(200) < 0.9)
    segments = random_tree(labels, 25, generator)  # two leaves hold no face
    levels = measure_levels(segments, measure_overlap(labels, truth, areas=areas))
    for level in range(segments.count):
        alone = measure_overlap(segments.at_count(25 - level), truth, areas=areas)
        effort = review_effort(alone)
        assert (levels.merges[level], levels.splits[level]) == (effort.merges, effort.splits)
        assert levels.effort[level] == effort.total
        assert levels.segments[level] == alone.segment_count
        assert levels.accuracy[level] == pytest.approx(achievable_accuracy(alone))
        assert levels.best_iou_faces[level] == pytest.approx(mean_best_iou_by_faces(alone))
        assert levels.best_iou_area[level] == pytest.approx(mean_best_iou_by_area(alone))
        assert levels.rand_error[level] == pytest.approx(rand_error(alone))
