from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.renders import PartOverlap
from render.overlap import NOWHERE, OverlapMeter


def overlaps(
    images: list[NDArray[np.int32]], count: int, *, allowed: Collection[int] | None = None
) -> list[PartOverlap]:
    meter = OverlapMeter(count)
    for image in images:
        meter.add(image)
    return meter.overlaps(allowed=range(len(images)) if allowed is None else allowed)


def nothing() -> NDArray[np.int32]:
    return np.full((6, 8), -1, np.int32)


def two_views() -> list[NDArray[np.int32]]:
    first, second = nothing(), nothing()
    first[1:3, 2:7] = 1
    second[0:5, 3:6] = 1
    second[5, 0] = 0
    second[5, 4:8] = -2  # of the object, but of no part
    return [first, second]


def test_the_view_with_most_pixels_is_the_best_and_its_box_is_tight() -> None:
    zero, one, two = overlaps(two_views(), 3)
    assert one.pixels == (10, 15) and one.best_view == 1 and one.box == (3, 0, 6, 5)
    assert zero.pixels == (0, 1) and zero.best_view == 1 and zero.box == (0, 5, 1, 6)
    assert two.pixels == (0, 0) and two.best_view == -1 and two.box == NOWHERE


def test_shares_are_of_the_whole_object_with_its_dropped_faces() -> None:
    zero, one, two = overlaps(two_views(), 3)
    assert zero.shares == (0.0, 0.05) and one.shares == (1.0, 0.75) and two.shares == (0.0, 0.0)


def test_a_view_that_is_not_fit_is_never_the_best() -> None:
    zero, one, _ = overlaps(two_views(), 3, allowed=[0])
    assert one.best_view == 0 and one.box == (2, 1, 7, 3) and one.pixels == (10, 15)
    assert zero.best_view == -1 and zero.box == NOWHERE


def test_a_part_in_two_pieces_has_one_box() -> None:
    image = nothing()
    image[0, 0] = image[4, 6] = 1
    _, part = overlaps([image], 2)
    assert part.box == (0, 0, 7, 5)


def test_among_equals_the_first_view_wins() -> None:
    image = np.zeros((2, 2), np.int32)
    (part,) = overlaps([image, image.copy()], 1)
    assert part.best_view == 0 and part.box == (0, 0, 2, 2)


def test_no_parts_and_no_views() -> None:
    assert overlaps([nothing()], 0) == []
    (part,) = overlaps([], 1)
    assert part.pixels == () and part.best_view == -1
