"""Points on boxes, as the encoder takes them."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

_SIDES = np.array(list(product(range(3), (0, 1))))
"""Axis that a side stands on, and whether it is the lower or the upper one."""


def box_points(box: Float32, *, count: int, generator: np.random.Generator) -> Float32:
    """(count, 6) float32: points even by area on a box, in random order, and outward normals.

    Each side gets its share of the points to within one, for the area is all that tells a box.

    Args:
        box: (2, 3) lower and upper corner. A flat box has two sides at one place.

    Raises:
        ValueError: the box has no area, or its corners are not in order.
    """
    low, size = box[0].astype(np.float64), (box[1] - box[0]).astype(np.float64)
    area = np.array([np.prod(np.delete(size, axis)) for axis, _ in _SIDES])
    if (size < 0).any() or not area.sum() > 0:
        raise ValueError(f"a box from {box[0].tolist()} to {box[1].tolist()} has no surface")
    along = np.cumsum(area)
    at = (np.arange(count) + generator.random()) * (along[-1] / count)
    # The last side that has an area, for what rounding puts beyond it.
    last = np.searchsorted(along, along[-1])
    side = _SIDES[np.searchsorted(along, at, side="right").clip(max=last)]
    rows, axis, upper = np.arange(count), side[:, 0], side[:, 1]
    points = generator.random((count, 3))
    points[rows, axis] = upper
    normals = np.zeros((count, 3))
    normals[rows, axis] = 2 * upper - 1
    found = np.concatenate([low + points * size, normals], axis=1).astype(np.float32)
    shuffled: Float32 = found[generator.permutation(count)]
    return shuffled


def box_edge_points(box: Float32, *, count: int, generator: np.random.Generator) -> Float32:
    """(count, 6) float32: points even by length on a box's edges, for encoders of sharp edges.

    Their normals lie between those of the two sides that meet there, as those of
    `points.npz`'s sharp points do.

    Args:
        box: (2, 3) lower and upper corner.
    """
    low, size = box[0].astype(np.float64), (box[1] - box[0]).astype(np.float64)
    edges = np.array([(axis, *ends) for axis in range(3) for ends in product((0, 1), repeat=2)])
    along = np.cumsum(size[edges[:, 0]])
    at = (np.arange(count) + generator.random()) * (along[-1] / count)
    last = np.searchsorted(along, along[-1])
    chosen = edges[np.searchsorted(along, at, side="right").clip(max=last)]
    rows, axis = np.arange(count), chosen[:, 0]
    others = np.array([(1, 2), (0, 2), (0, 1)])[axis]
    points, normals = np.zeros((count, 3)), np.zeros((count, 3))
    points[rows, axis] = generator.random(count)
    for place in range(2):
        points[rows, others[:, place]] = chosen[:, 1 + place]
        normals[rows, others[:, place]] = (2 * chosen[:, 1 + place] - 1) / np.sqrt(2)
    found = np.concatenate([low + points * size, normals], axis=1).astype(np.float32)
    shuffled: Float32 = found[generator.permutation(count)]
    return shuffled
