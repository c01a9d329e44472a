"""Whether a part is watertight, once vertices at one place count as one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def is_watertight(welded: NDArray[Any]) -> bool:
    """Whether every edge is walked exactly once in each direction.

    Args:
        welded: (F, 3) int welded vertex ids of the part's faces. Faces with two equal corners
            enclose nothing and are passed over.
    """
    ends = np.stack([welded, np.roll(welded, -1, axis=1)], axis=2)
    ends = ends[(ends[..., 0] != ends[..., 1]).all(axis=1)].reshape(-1, 2).astype(np.int64)
    if not len(ends):
        return False
    stride = int(ends.max()) + 1
    there = np.sort(ends[:, 0] * stride + ends[:, 1])
    back = np.sort(ends[:, 1] * stride + ends[:, 0])
    return bool((there[1:] != there[:-1]).all() and (there == back).all())
