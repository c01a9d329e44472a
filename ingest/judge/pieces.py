"""Of how many pieces an object is, and into how many groups of pieces it falls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from partworks.geometry.adjacency import connected_components, weld_vertices
from partworks.geometry.even_points import EvenPoints, even_points

CELLS = 32
"""Cells of the grid along the longest side; what leaves a cell free between is apart."""

_POINTS = 1 << 14
_GROUND_HEIGHT = 1.5  # cells
_GROUND_SHARE = 0.5
_DUST = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """How an object hangs together.

    Attributes:
        components: connected pieces, through equal positions.
        largest_component: the share of the faces that the largest of them has.
        islands: groups of pieces with a gap around them, 1/32 of the longest side or more; a ground
            that the rest stands on is left out, and so are specks.
    """

    components: int
    largest_component: float
    islands: int


def measure_pieces(vertices: NDArray[Any], faces: NDArray[Any]) -> Pieces:
    """Count the pieces of an object in the object frame, y up.

    Args:
        vertices: (V, 3) float. faces: (F, 3) int.
    """
    corners = weld_vertices(vertices)[faces]
    links = np.concatenate([corners[:, :2], corners[:, 1:]])
    label = connected_components(int(corners.max()) + 1, links)[corners[:, 0]]
    sizes = np.bincount(label)
    return Pieces(
        components=int(np.count_nonzero(sizes)),
        largest_component=float(sizes.max() / len(faces)),
        islands=_islands(even_points(vertices, faces, count=_POINTS)),
    )


def _islands(points: EvenPoints) -> int:
    low = points.position.min(axis=0)
    extent = float(np.ptp(points.position, axis=0).max())
    # Half a cell of rim, so that a flat side lies in one layer of cells whatever rounding does.
    cell = ((points.position - low) / extent * (CELLS - 1) + 0.5).astype(np.int64)
    above = ~_ground(cell)
    if not above.any():
        return 1
    grid = np.zeros((CELLS + 1,) * 3, bool)
    grid[tuple(cell[above].T)] = True
    labels, count = ndimage.label(grid, structure=np.ones((3, 3, 3)))
    weight = np.bincount(
        labels[tuple(cell[above].T)], points.weight[above], minlength=int(count) + 1
    )
    return int(np.count_nonzero(weight > _DUST * weight.sum()))


def _ground(cell: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(N,) bool: points of a bottom layer that covers most of what lies above it."""
    bottom = cell[:, 1] <= _GROUND_HEIGHT
    below, all_of_it = cell[bottom][:, ::2], cell[:, ::2]
    spans = np.ptp(below, axis=0) >= 0.9 * np.ptp(all_of_it, axis=0)
    if _shadow(below) < _GROUND_SHARE * _shadow(all_of_it) or not spans.all():
        return np.zeros(len(cell), bool)
    return bottom


def _shadow(cell: NDArray[np.int64]) -> int:
    """Cells (x, z) that points fall into, each counted once."""
    grid = np.zeros((CELLS + 1, CELLS + 1), bool)
    grid[cell[:, 0], cell[:, 1]] = True
    return int(np.count_nonzero(grid))
