"""Voxels that a surface passes through (CoPart, equation 8; the sparse structure of TRELLIS)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from train.metrics.mesh import TriangleMesh

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

RESOLUTION = 64
_CHUNK = 1 << 18


def surface_voxels(mesh: TriangleMesh, *, resolution: int = RESOLUTION) -> Int64:
    """(K, 3) int64 voxels x, y, z of [-1, 1]³ that a face touches, ascending, each once.

    A triangle and a voxel touch unless one of 13 axes tells them apart (Akenine-Möller 2001, Fast
    3D Triangle-Box Overlap Testing). What lies outside of the cube has none.
    """
    cells = (mesh.corners + 1) * (resolution / 2)
    found = [np.zeros((0, 3), np.int64)]
    for face, voxel in _candidates(cells, resolution):
        touching = _touch(cells[face] - (voxel[:, None] + 0.5))
        found.append(np.unique(voxel[touching], axis=0))
    return np.unique(np.concatenate(found), axis=0)


def _candidates(cells: Float64, resolution: int) -> Iterator[tuple[Int64, Int64]]:
    """Faces and voxels of the boxes around them, (K,) and (K, 3), some at a time."""
    # A corner on the border of two voxels touches both.
    low = np.ceil(cells.min(axis=1) - 1).astype(np.int64).clip(0, resolution)
    high = (np.floor(cells.max(axis=1)).astype(np.int64) + 1).clip(0, resolution)
    extent = (high - low).clip(min=0)
    count = extent.prod(axis=1)
    kept = np.flatnonzero(count)
    ends = np.cumsum(count[kept])
    for chunk in np.split(kept, np.flatnonzero(np.diff(ends // _CHUNK)) + 1):
        face = np.repeat(chunk, count[chunk])
        place = np.arange(len(face)) - np.repeat(
            np.cumsum(count[chunk]) - count[chunk], count[chunk]
        )
        _, wide, deep = extent[face].T
        steps = np.stack([place // (wide * deep), place // deep % wide, place % deep], axis=1)
        yield face, low[face] + steps


def _touch(corners: Float64) -> NDArray[np.bool_]:
    """(K,) bool: whether (K, 3, 3) triangles touch the unit cube around the origin."""
    edges = np.roll(corners, -1, axis=1) - corners
    touching: NDArray[np.bool_] = np.ones(len(corners), bool)
    normal = np.cross(edges[:, 0], edges[:, 1])
    axes = [normal, *(np.broadcast_to(unit, normal.shape) for unit in np.eye(3))]
    axes += [np.cross(unit, edges[:, side]) for unit in np.eye(3) for side in range(3)]
    for axis in axes:
        reach = np.abs(axis).sum(axis=1) / 2
        along = np.einsum("kcx,kx->kc", corners, axis)
        # Corners on the border, but for rounding, touch.
        slack = 1e-9 * (1 + np.abs(along).max(axis=1))
        touching &= (along.min(axis=1) <= reach + slack) & (along.max(axis=1) >= -reach - slack)
    return touching
