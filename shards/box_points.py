"""Points on the surface of an axis-aligned box."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from shards.surface import Surface

_CORNERS = np.array(list(product((0, 1), repeat=3)))
_QUADS = np.array(
    [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
)
_FACES = np.concatenate([_QUADS[:, [0, 1, 2]], _QUADS[:, [0, 2, 3]]])


def sample_box(
    box: NDArray[np.float64], *, count: int, generator: np.random.Generator
) -> NDArray[np.float32]:
    """(count, 6) float32: points even by area on a box, with its outward normals.

    A flat box has two sides, one upon the other, and points on both.

    Args:
        box: (2, 3) float64 lower and upper corner, object frame.

    Raises:
        ValueError: the box is a line or a point, which has no sides.
    """
    surface = Surface(box[0] + _CORNERS * (box[1] - box[0]), _FACES)
    return surface.sample(np.arange(len(_FACES)), count=count, generator=generator)
