"""Whether points of a surface can be seen from outside."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.visibility import EmbreeCaster

DIRECTIONS = 96
"""Directions from which is looked; neighbours are about 20 degrees apart."""


def seen_from_outside(
    caster: EmbreeCaster, points: NDArray[Any], group: NDArray[np.int64], *, step: float
) -> NDArray[np.bool_]:
    """(G,) bool: whether any point of a group is seen from any of `DIRECTIONS` directions.

    A ray leaves each point for infinity; a point that one leaves without meeting the surface is
    seen from there, from whichever side. It is what as many orthographic views would show, were
    their pixels these points.

    Args:
        points: (N, 3) float on the surface, in its frame.
        group: (N,) int64 each point's group, 0…G-1, every one of which has a point.
        step: how far from its point a ray begins, so that it does not meet the point's own face.
    """
    seen = np.zeros(int(group.max(initial=-1)) + 1, bool)
    for direction in sphere_directions(DIRECTIONS):
        left = np.flatnonzero(~seen[group])
        if not len(left):
            break
        towards = np.broadcast_to(direction, (len(left), 3))
        face, _ = caster.trace(points[left] + step * towards, towards)
        seen[group[left[face < 0]]] = True
    return seen


def sphere_directions(count: int) -> NDArray[np.float64]:
    """(count, 3) float64 unit vectors, even over the sphere: a Fibonacci lattice.

    They come so that each few of them point all around.
    """
    height = 1 - (2 * np.arange(count) + 1) / count
    turn = np.pi * (3 - np.sqrt(5)) * np.arange(count)
    radius = np.sqrt(1 - height**2)
    vectors: NDArray[np.float64] = np.stack(
        [radius * np.cos(turn), height, radius * np.sin(turn)], axis=1
    )
    stride = 37  # has no factor in common with the count, so that every vector comes once
    assert np.gcd(stride, count) == 1
    return np.take(vectors, np.arange(count) * stride % count, axis=0)
