from __future__ import annotations

import numpy as np
import pytest

from shards.order import LEVEL_BOUNDS, area_level, part_order
from tests.shards.made import TABLE, TABLE_NAMES


def boxes_of(*sizes: tuple[float, float, float], heights: tuple[float, ...]) -> np.ndarray:
    low = np.array([[0.0, height, 0.0] for height in heights])
    return np.stack([low, low + np.array(sizes)], axis=1)


def test_bounds_double_up_to_half_of_the_largest_box() -> None:
    assert LEVEL_BOUNDS[-1] == 6.0
    np.testing.assert_array_equal(LEVEL_BOUNDS[1:] / LEVEL_BOUNDS[:-1], 2.0)
    whole = np.array([[[-1.0, -1, -1], [1, 1, 1]]])
    assert area_level(whole).tolist() == [9]
    assert area_level(np.zeros((1, 2, 3))).tolist() == [0]


def test_a_box_on_a_bound_belongs_to_the_level_above() -> None:
    side = np.sqrt(LEVEL_BOUNDS[3] / 3)
    on, below = boxes_of((side,) * 3, (side * 0.999,) * 3, heights=(0, 0))
    assert area_level(np.stack([on, below])).tolist() == [4, 3]


def test_level_first_then_height() -> None:
    boxes = boxes_of((0.1, 0.1, 0.1), (0.8, 0.8, 0.8), (0.1, 0.1, 0.1), heights=(0.9, 0.2, -0.9))
    assert part_order(boxes).tolist() == [1, 2, 0]


def test_a_table_gives_top_legs_cup() -> None:
    order = part_order(np.array(TABLE))
    assert [TABLE_NAMES[part] for part in order] == ["top", "leg", "leg", "leg", "leg", "cup"]


@pytest.mark.parametrize("seed", range(5))
def test_labels_do_not_matter(seed: int) -> None:
    boxes = np.array(TABLE)
    shuffled = np.random.default_rng(seed).permutation(len(boxes))
    again = boxes[shuffled][part_order(boxes[shuffled])]
    np.testing.assert_array_equal(again, boxes[part_order(boxes)])


def test_nothing_to_order() -> None:
    assert part_order(np.zeros((0, 2, 3))).tolist() == []
