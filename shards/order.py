"""The order of an object's parts: PartVerse's rule, so that the tail is what matters least.

PartVerse sorts parts by the level of their box's surface, largest first, and within a level by the
height of the box's centre. Its levels are the deciles over the whole data set. A sample is made
from one object alone, so the bounds here are fixed: each level takes boxes of twice the surface of
the level below. Heights go from the ground up, a choice that PartVerse's description leaves open.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LEVEL_BOUNDS: NDArray[np.float64] = 12.0 / 2.0 ** np.arange(9, 0, -1)
"""(9,) lower bounds of levels 1…9 of xy + yz + zx, in squared units of the object frame, where the
largest box there can be, [-1, 1]³, has 12; level 9 starts at half of it."""


def area_level(boxes: NDArray[np.float64]) -> NDArray[np.int64]:
    """(P,) int64 levels 0…9 of (P, 2, 3) boxes (lower and upper corner, object frame)."""
    x, y, z = (boxes[:, 1] - boxes[:, 0]).T
    levels: NDArray[np.int64] = np.searchsorted(LEVEL_BOUNDS, x * y + y * z + z * x, side="right")
    return levels


def part_order(boxes: NDArray[np.float64]) -> NDArray[np.int64]:
    """(P,) int64: the parts, first to last: level downwards, then height upwards.

    Parts at the same height, such as the legs of a chair, go by x and then z, so that the order
    hangs on the labels only where boxes share a centre.

    Args:
        boxes: (P, 2, 3) float64 lower and upper corners, object frame, y up.
    """
    x, y, z = boxes.mean(axis=1).T
    order: NDArray[np.int64] = np.lexsort((z, x, y, -area_level(boxes)))
    return order
