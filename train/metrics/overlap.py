"""How much the parts of an object lie inside one another, which no true parts do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from train.metrics.mesh import TriangleMesh
from train.metrics.voxels import RESOLUTION, Bool, voxelise_mesh


def overlap(solids: Sequence[Bool]) -> float:
    """Share of the union of (R, R, R) grids that two or more of them fill; 0 if all are empty."""
    if not solids:
        return 0.0
    depth = np.sum([solid.astype(np.int64) for solid in solids], axis=0)
    filled = int((depth > 0).sum())
    return int((depth > 1).sum()) / filled if filled else 0.0


def part_overlap(meshes: Sequence[TriangleMesh], *, resolution: int = RESOLUTION) -> float:
    """That of the parts of an object, in the frame in which it fills [-1, 1]³."""
    return overlap([voxelise_mesh(mesh, resolution=resolution) for mesh in meshes])
