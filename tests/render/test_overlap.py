from __future__ import annotations

import numpy as np

from render.overlap import NOWHERE, measure_overlap


def test_the_view_with_most_pixels_is_the_best_and_its_box_is_tight() -> None:
    first = np.full((6, 8), -1, np.int32)
    first[1:3, 2:7] = 1
    second = np.full((6, 8), -1, np.int32)
    second[0:5, 3:6] = 1
    second[5, 0] = 0
    zero, one, two = measure_overlap([first, second], 3)
    assert one.pixels == (10, 15) and one.best_view == 1 and one.box == (3, 0, 6, 5)
    assert zero.pixels == (0, 1) and zero.best_view == 1 and zero.box == (0, 5, 1, 6)
    assert two.pixels == (0, 0) and two.best_view == -1 and two.box == NOWHERE


def test_among_equals_the_first_view_wins() -> None:
    image = np.zeros((2, 2), np.int32)
    (part,) = measure_overlap([image, image.copy()], 1)
    assert part.best_view == 0 and part.box == (0, 0, 2, 2)


def test_no_parts_and_no_views() -> None:
    assert measure_overlap([np.full((2, 2), -1, np.int32)], 0) == []
    (part,) = measure_overlap([], 1)
    assert part.pixels == () and part.best_view == -1
