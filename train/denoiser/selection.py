"""Which parts of an object are trained on together, and in which order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def choose_parts(
    levels: NDArray[np.int64], *, most: int, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Rows of no more than `most` parts, in random order.

    CoPart selects at random; large parts make an object, so one is drawn with a probability by the
    level of its box's area, without putting it back. Levels count from 0, whose parts count once.
    The network does not see an order, and a random one keeps it from hanging on a row.

    Args:
        levels: (N,) int64 ≥ 0.
        most: at least 1.
    """
    count = len(levels)
    if count <= most:
        return generator.permutation(count)
    shares = (levels + 1) / (levels + 1).sum()
    return generator.choice(count, size=most, replace=False, p=shares).astype(np.int64)


def parts_in_order(count: int, *, most: int) -> NDArray[np.int64]:
    """The first parts, which are the largest: for validation, which is always the same."""
    return np.arange(min(count, most))
