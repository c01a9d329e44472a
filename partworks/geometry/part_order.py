"""The order of an object's parts by PartVerse's rule, whatever the bounds of its levels.

Parts go by the level of their box's surface, largest first, and within a level by the height of the
box's centre, from the ground up: PartVerse's description leaves the direction open. A model with
fewer slots than there are parts drops the tail.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


def half_surface(boxes: Float64) -> Float64:
    """(P,) float64: xy + yz + zx of (P, 2, 3) boxes, in squared units of their frame."""
    x, y, z = (boxes[:, 1] - boxes[:, 0]).T
    surface: Float64 = x * y + y * z + z * x
    return surface


def level_of(surface: Float64, bounds: Float64) -> Int64:
    """(P,) int64: the level of each half surface; what is on a bound belongs to the level above.

    Args:
        bounds: (L,) float64 lower bounds of levels 1…L, rising.
    """
    levels: Int64 = np.searchsorted(bounds, surface, side="right")
    return levels


def order_by_level(boxes: Float64, levels: Int64) -> Int64:
    """(P,) int64: the parts, first to last: level downwards, then height upwards.

    Parts at the same height, such as the legs of a chair, go by x and then z, so that the order
    hangs on the labels only where boxes share a centre.

    Args:
        boxes: (P, 2, 3) float64 lower and upper corners, object frame, y up.
        levels: (P,) int64.
    """
    x, y, z = boxes.mean(axis=1).T
    order: Int64 = np.lexsort((z, x, y, -levels))
    return order
