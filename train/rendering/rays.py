"""Which face each pixel sees: rays by Embree, on the CPU.

Shape suffixes: N cameras, V vertices, F faces.
"""

from __future__ import annotations

import numpy as np
import torch
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
from torch import Tensor

from train.rendering.cameras import Cameras

_NUDGE = (0.0011, 0.0007)
"""Pixels by which rays miss the centres of pixels. In float32 a ray exactly through a corner may
slip between the faces around it; symmetric objects and views have many."""


def cast(vertices_V3: Tensor, faces_F3: Tensor, cameras: Cameras) -> Tensor:
    """(N, H, W) int64: the nearest face in front of each camera, -1 in the background.

    Sees what `rasterise` sees, but for pixels whose centres lie on an edge.

    Args:
        vertices_V3: (V, 3) float32 or float64 on the CPU, in the world.
        faces_F3: (F, 3) int64.
        cameras: with dtype and device of the vertices.
    """
    shape = (len(cameras), cameras.height, cameras.width)
    corners = vertices_V3.detach()[faces_F3]
    kept = corners.isfinite().all(dim=(1, 2)).nonzero()[:, 0]
    if not len(kept):
        return torch.full(shape, -1)
    corners = corners[kept].double()
    low, high = corners.amin(dim=(0, 1)), corners.amax(dim=(0, 1))
    center, scale = (low + high) / 2, float((high - low).max() / 2) or 1.0
    # Embree counts in float32: around the origin, with a half extent of 1, that is exact enough.
    placed = ((corners - center) / scale).reshape(-1, 3).float().numpy()
    # Robust: rays through an edge that two faces share must not slip between them.
    scene = EmbreeScene(None, True)
    mesh = TriangleMesh(scene, placed, np.arange(len(placed), dtype=np.int32).reshape(-1, 3))
    origins = (cameras.position_N3.double() - center) / scale
    directions = _directions(cameras)
    found = [
        scene.run(np.repeat(origin[None].float().numpy(), len(towards), axis=0), towards)
        for origin, towards in zip(origins, directions, strict=True)
    ]
    del mesh  # the scene refers to its arrays until here
    face = torch.from_numpy(np.array(found, np.int64).reshape(shape))
    return torch.where(face >= 0, kept[face.clamp(min=0)], -1)


def _directions(cameras: Cameras) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """Per camera (H·W, 3) float32: directions of the rays in the world."""
    rows, columns = torch.meshgrid(
        torch.arange(cameras.height), torch.arange(cameras.width), indexing="ij"
    )
    wide = cameras.to(torch.zeros((), dtype=torch.float64))
    directions = []
    for view in range(len(cameras)):
        slopes = wide.ray_slopes(
            torch.full((rows.numel(),), view),
            rows.flatten() + _NUDGE[1],
            columns.flatten() + _NUDGE[0],
        )
        local = torch.cat([slopes, -torch.ones_like(slopes[:, :1])], dim=1)
        rotation = wide.camera_to_world_N44[view, :3, :3]
        directions.append((local @ rotation.T).float().numpy())
    return directions
