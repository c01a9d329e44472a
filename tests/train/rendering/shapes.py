"""Meshes of known form, and cameras that look at them."""

from __future__ import annotations

from math import radians

import numpy as np
import torch
import trimesh
from torch import Tensor

from train.rendering.cameras import Cameras, look_at

Mesh = tuple[Tensor, Tensor]


def sphere(*, subdivisions: int = 4, radius: float = 0.5) -> Mesh:
    made = trimesh.creation.icosphere(subdivisions=subdivisions, radius=radius)
    return torch.tensor(np.asarray(made.vertices)), torch.tensor(np.asarray(made.faces)).long()


def square(*, half: float = 10.0) -> Mesh:
    """A square in the plane z = 0 whose front faces +z."""
    corners = [[-half, -half, 0.0], [half, -half, 0.0], [half, half, 0.0], [-half, half, 0.0]]
    return torch.tensor(corners, dtype=torch.float64), torch.tensor([[0, 1, 2], [0, 2, 3]])


def cameras(
    *positions: tuple[float, float, float],
    target: tuple[float, float, float] = (0.0, 0.0, 0.0),
    size: int = 48,
    width: int | None = None,
    fov: float = 40.0,
    unit: float = 1.0,
) -> Cameras:
    count = len(positions)
    at = torch.tensor(positions, dtype=torch.float64).reshape(count, 3)
    return Cameras(
        camera_to_world_N44=look_at(at, torch.tensor(target, dtype=torch.float64)),
        fov_y_N=torch.full((count,), radians(fov), dtype=torch.float64),
        unit_N=torch.full((count,), unit, dtype=torch.float64),
        height=size,
        width=width or size,
    )


def rays(views: Cameras) -> Tensor:
    """(N, H, W, 3) float64: directions with a planar length of 1 through pixels, in the world."""
    row, column = torch.meshgrid(
        torch.arange(views.height), torch.arange(views.width), indexing="ij"
    )
    found = []
    for view in range(len(views)):
        slopes = views.ray_slopes(torch.full_like(row, view), row, column)
        local = torch.cat([slopes, -torch.ones_like(slopes[..., :1])], dim=-1)
        found.append(local @ views.camera_to_world_N44[view, :3, :3].T)
    return torch.stack(found)
