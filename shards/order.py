"""The order of an object's parts: PartVerse's rule, so that the tail is what matters least.

PartVerse's levels are the deciles over the whole data set. A sample is made from one object alone,
so the bounds here are fixed: each level takes boxes of twice the surface of the level below.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.part_order import half_surface, level_of, order_by_level

LEVEL_BOUNDS: NDArray[np.float64] = 12.0 / 2.0 ** np.arange(9, 0, -1)
"""(9,) lower bounds of levels 1…9 of xy + yz + zx, in squared units of the object frame, where the
largest box there can be, [-1, 1]³, has 12; level 9 starts at half of it."""


def area_level(boxes: NDArray[np.float64]) -> NDArray[np.int64]:
    """(P,) int64 levels 0…9 of (P, 2, 3) boxes (lower and upper corner, object frame)."""
    return level_of(half_surface(boxes), LEVEL_BOUNDS)


def part_order(boxes: NDArray[np.float64]) -> NDArray[np.int64]:
    """(P,) int64: the parts, first to last: level downwards, then height upwards.

    Args:
        boxes: (P, 2, 3) float64 lower and upper corners, object frame, y up.
    """
    return order_by_level(boxes, area_level(boxes))
