"""Whether a part is closed, once vertices at one place count as one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]


def is_watertight(welded: NDArray[Any]) -> bool:
    """Whether every edge is walked exactly once in each direction.

    Args:
        welded: (F, 3) int welded vertex ids of the part's faces. Faces with two equal corners
            enclose nothing and are passed over.
    """
    there, back = _directed_edges(welded)
    return bool(len(there) and (there[1:] != there[:-1]).all() and (there == back).all())


def has_no_rim(welded: NDArray[Any]) -> bool:
    """Whether every edge is walked as often in one direction as in the other.

    Then every winding number is whole. Weaker than watertight: bodies that share an edge pass, and
    so does a sheet with two sides, which encloses nothing.

    Args:
        welded: as of `is_watertight`.
    """
    there, back = _directed_edges(welded)
    return bool(len(there) and (there == back).all())


def is_oriented(welded: NDArray[Any]) -> bool:
    """Whether no edge is walked twice in one direction: neighbours agree on what is outside.

    Args:
        welded: as of `is_watertight`.
    """
    there, _ = _directed_edges(welded)
    return bool((there[1:] != there[:-1]).all())


def _directed_edges(welded: NDArray[Any]) -> tuple[Int64, Int64]:
    """Sorted keys of all directed edges, and those of the same edges the other way round."""
    ends = np.stack([welded, np.roll(welded, -1, axis=1)], axis=2)
    ends = ends[(ends[..., 0] != ends[..., 1]).all(axis=1)].reshape(-1, 2).astype(np.int64)
    stride = int(ends.max(initial=0)) + 1
    there = np.sort(ends[:, 0] * stride + ends[:, 1])
    back = np.sort(ends[:, 1] * stride + ends[:, 0])
    return there, back
