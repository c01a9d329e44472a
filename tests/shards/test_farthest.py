from __future__ import annotations

import numpy as np
import pytest

from shards.farthest import farthest_order


def test_it_is_the_greedy_order() -> None:
    """Against the definition, with all pairs of distances at hand."""
    points = np.random.default_rng(0).normal(size=(60, 3))
    distances = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    order = farthest_order(points, 60)
    assert order[0] == 0
    for place in range(1, 60):
        nearest = distances[:, order[:place]].min(axis=1)
        assert nearest[order[place]] == pytest.approx(nearest.max())
    assert sorted(order) == list(range(60))


def test_the_first_rows_cover() -> None:
    """On a line of 65 points: the ends, then the middle, then the quarters."""
    points = np.zeros((65, 3))
    points[:, 1] = np.arange(65)
    order = farthest_order(points, 5)
    assert order.dtype == np.int32
    assert order[:3].tolist() == [0, 64, 32]
    assert sorted(order[3:]) == [16, 48]


def test_of_equals_the_first_is_taken() -> None:
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [-1, 0, 0]], np.float32)
    assert farthest_order(points, 2).tolist() == [0, 1]


def test_points_at_one_place_come_once_each() -> None:
    assert farthest_order(np.ones((5, 3), np.float32), 5).tolist() == [0, 1, 2, 3, 4]


def test_more_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot choose 4 of 3 points"):
        farthest_order(np.zeros((3, 3)), 4)
    assert farthest_order(np.zeros((3, 3)), 0).shape == (0,)
