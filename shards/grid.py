"""The voxels that an object's surface passes through: TRELLIS's sparse structure, with parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.visibility import EmbreeCaster
from shards.outside import seen_from_outside
from shards.selection import Selection
from shards.surface import Surface
from shards.voxels import Pieces, cut_triangles

Int64 = NDArray[np.int64]

MAX_RESOLUTION = 256

PIECES_SEEN = 4
"""Pieces of surface in a voxel, the largest ones, at which it is asked whether they are seen."""

STEP = 1e-3
"""Voxels from the surface at which a ray begins."""

DIGITS = 9
"""Digits to which areas are compared: the order of their sums must not decide between equals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridConfig:
    """The voxel grid of a sample.

    Attributes:
        resolution: voxels along each axis of [-1, 1]³; 0 for no grid, 64 is TRELLIS's.
    """

    resolution: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.resolution <= MAX_RESOLUTION:
            raise ValueError(
                f"shards.grid.resolution is {self.resolution}, expected 0 to {MAX_RESOLUTION}"
            )


def sparse_structure(
    surface: Surface, selection: Selection, *, config: GridConfig
) -> dict[str, NDArray[Any]]:
    """The arrays of `grid.npz`.

    Voxel (i, j, k) is the closed cube from -1 + 2i/R to -1 + 2(i+1)/R along x, and so on; a surface
    in the wall between two voxels is in both.

    Args:
        surface: all faces of the object, in [-1, 1]³.
        selection: the parts.
        config: of resolution R > 0.

    Returns:
        occupied: (G, 3) uint8, ascending. visible: (G,) bool, see `seen_from_outside`: of the
        largest pieces of surface in a voxel, whether any is seen. part: (G,) int16 the part, by its
        row in the selection, with the largest area in the voxel, -1 where there is none.
    """
    resolution = config.resolution
    per_unit = resolution / 2
    corners = surface.vertices[surface.faces].astype(np.float64)
    pieces = cut_triangles((corners + 1) * per_unit, resolution=resolution)
    key = np.ravel_multi_index(tuple(pieces.voxel.T), (resolution,) * 3)
    occupied, voxel = np.unique(key, return_inverse=True)
    largest = _largest(pieces, voxel)
    visible = seen_from_outside(
        EmbreeCaster(surface.vertices, surface.faces),
        pieces.point[largest] / per_unit - 1,
        voxel[largest],
        step=STEP / per_unit,
    )
    cells = np.stack(np.unravel_index(occupied, (resolution,) * 3), axis=1)
    return {
        "occupied": cells.astype(np.uint8),
        "visible": visible,
        "part": _parts(pieces, voxel, len(occupied), _part_of_face(surface, selection)),
    }


def _largest(pieces: Pieces, voxel: Int64) -> Int64:
    """The rows of each voxel's `PIECES_SEEN` largest pieces."""
    order = np.lexsort((-np.round(pieces.area, DIGITS), voxel))
    ordered = voxel[order]
    rank = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    rows: Int64 = order[rank < PIECES_SEEN]
    return rows


def _part_of_face(surface: Surface, selection: Selection) -> Int64:
    part = np.full(len(surface.faces), -1, np.int64)
    for row, kept in enumerate(selection.kept):
        part[kept.faces] = row
    return part


def _parts(pieces: Pieces, voxel: Int64, count: int, part_of_face: Int64) -> NDArray[np.int16]:
    """(count,) int16: of the parts in each voxel the one with the largest area, else -1."""
    part = part_of_face[pieces.face]
    owned = np.flatnonzero(part >= 0)
    stride = int(part.max(initial=0)) + 1
    pair, inverse = np.unique(voxel[owned] * stride + part[owned], return_inverse=True)
    area = np.round(np.bincount(inverse, pieces.area[owned], minlength=len(pair)), DIGITS)
    at, candidate = np.divmod(pair, stride)
    order = np.lexsort((-candidate, area, at))  # the last of a voxel wins
    winner = np.full(count, -1, np.int16)
    winner[at[order]] = candidate[order]
    return winner
