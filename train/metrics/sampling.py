"""Points with normals on surfaces, spread evenly over the area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from train.metrics.mesh import TriangleMesh

Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SurfacePoints:
    """Points and the unit normals of their faces, both (N, 3) float64."""

    points: Float64
    normals: Float64

    def __len__(self) -> int:
        return len(self.points)


def sample_surface(
    mesh: TriangleMesh, *, count: int, generator: np.random.Generator
) -> SurfacePoints:
    """Draw `count` points, uniformly and independently over the area; none where there is no area.

    Equal meshes and equally seeded generators give equal points.
    """
    crossed = mesh.crossed
    length = np.linalg.norm(crossed, axis=1)
    total = np.cumsum(length)
    if not len(total) or total[-1] <= 0:
        return SurfacePoints(points=np.zeros((0, 3)), normals=np.zeros((0, 3)))
    drawn = generator.random((count, 3))
    # The last face that has an area, for a draw that rounding puts beyond it.
    last = np.searchsorted(total, total[-1])
    face = np.searchsorted(total, drawn[:, 0] * total[-1], side="right").clip(max=last)
    root = np.sqrt(drawn[:, 1])
    weights = np.stack([1 - root, root * (1 - drawn[:, 2]), root * drawn[:, 2]], axis=1)
    return SurfacePoints(
        points=(weights[:, :, None] * mesh.corners[face]).sum(axis=1),
        normals=crossed[face] / length[face, None],
    )
