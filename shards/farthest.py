"""Farthest-point order of a set of points."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def farthest_order(points: NDArray[Any], count: int) -> NDArray[np.int32]:
    """(count,) int32 distinct rows: each is the farthest from all that stand before it.

    Any first n rows cover the points about as well as n rows can. The order starts at row 0, and of
    rows equally far the first is taken, so that the same points give the same order everywhere.

    Args:
        points: (N, 3) float, any unit.
        count: at most N.

    Raises:
        ValueError: fewer points than `count`.
    """
    if not 0 <= count <= len(points):
        raise ValueError(f"cannot choose {count} of {len(points)} points; sample more points first")
    # A row per axis, squared and summed one by one: no order of additions is left to a processor.
    x, y, z = np.ascontiguousarray(points.T, dtype=np.float64)
    nearest = np.full(len(points), np.inf)
    order = np.zeros(count, np.int32)
    row = 0
    for place in range(count):
        order[place] = row
        squared = (x - x[row]) ** 2
        squared += (y - y[row]) ** 2
        squared += (z - z[row]) ** 2
        np.minimum(nearest, squared, out=nearest)
        nearest[row] = -1.0  # never again, even where several points lie at one place
        row = int(nearest.argmax())
    return order
