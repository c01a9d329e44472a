from __future__ import annotations

import numpy as np

from partworks.geometry.part_order import half_surface, level_of, order_by_level


def test_half_of_the_surface_of_a_box() -> None:
    boxes = np.array([[[0.0, 0, 0], [1, 2, 3]], [[-1, -1, -1], [1, 1, 1]]])
    assert half_surface(boxes).tolist() == [2 + 6 + 3, 12]


def test_what_is_on_a_bound_belongs_above_it() -> None:
    assert level_of(np.array([0.5, 1.0, 1.5, 2.0]), np.array([1.0, 2.0])).tolist() == [0, 1, 1, 2]


def test_levels_fall_and_heights_rise_and_then_x_and_z() -> None:
    low = np.array([[0.0, 5, 0], [0, 1, 0], [0, 0, 0], [-1, 0, 0], [-1, 0, -1]])
    boxes = np.stack([low, low], axis=1)
    assert order_by_level(boxes, np.array([2, 1, 0, 0, 0])).tolist() == [0, 1, 4, 3, 2]
