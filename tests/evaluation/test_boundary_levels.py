from __future__ import annotations

import numpy as np
import pytest

from partworks.evaluation.boundaries import boundary_scores
from partworks.evaluation.boundary_levels import boundary_f_levels, joining_levels
from tests.evaluation.grids import cells, grid, random_tree, tree


def test_leaves_join_at_their_common_ancestor() -> None:
    segments = tree(cells(0, 1, 2, 3), (2, 3), (0, 1), (4, 5))
    pairs = np.asarray([[2, 3], [0, 1], [0, 3], [1, 1]])
    assert joining_levels(pairs, segments).tolist() == [1, 2, 3, 0]


@pytest.mark.parametrize("tolerance", [0.01, 0.2])
@pytest.mark.parametrize("seed", range(4))
def test_all_levels_equal_each_level_alone(seed: int, tolerance: float) -> None:
    generator = np.random.default_rng(seed)
    surface = grid(6, 6)
    labels = cells(*generator.integers(0, 12, 36).tolist())
    truth = cells(*generator.integers(-1, 3, 36).tolist())
    segments = random_tree(labels, 12, generator)
    levels = boundary_f_levels(segments, truth, surface=surface, tolerance=tolerance)
    for level in range(12):
        alone = boundary_scores(
            segments.at_count(12 - level), truth, surface=surface, tolerance=tolerance
        )
        assert alone.f_score == pytest.approx(levels[level])


def test_without_a_true_boundary_no_level_has_a_score() -> None:
    segments = tree(cells(0, 1), (0, 1))
    assert np.isnan(boundary_f_levels(segments, cells(0, 0), surface=grid(2, 1))).all()
