"""From where the pictures of a branch are taken: PartVerse's rig, as the render stage sets it up.

The cameras stand at equal azimuths around the middle of the bounding box, 30° above the horizon,
twice its longest side away, or farther where the sphere around the mesh would be cut.
"""

from __future__ import annotations

from math import cos, pi, radians, sin
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from train.rendering.cameras import FOV, Cameras, look_at

ELEVATION = radians(30.0)
SIDES = 2.0
"""Longest sides of the box between a camera and the middle."""

_MARGIN = 1.05


def ring_cameras(points: NDArray[Any], *, views: int, pixels: int) -> Cameras:
    """Square cameras around some points, on the CPU in float64.

    Args:
        points: (K, 3) vertices of a mesh, or corners of boxes where there is no mesh yet; none are
            taken for the whole cube [-1, 1]³.
        views: at equal azimuths, the first towards +z.
        pixels: along a side.
    """
    known = np.asarray(points, np.float64) if len(points) else np.array([[-1.0] * 3, [1.0] * 3])
    low, high = known.min(axis=0), known.max(axis=0)
    middle = (low + high) / 2
    radius = float(np.linalg.norm(known - middle, axis=1).max()) or 1.0
    side = float((high - low).max()) or 2.0
    distance = max(_MARGIN * radius / sin(FOV / 2), SIDES * side)
    level = cos(ELEVATION)
    towards = np.array(
        [
            [sin(azimuth) * level, sin(ELEVATION), cos(azimuth) * level]
            for azimuth in (2 * pi * view / views for view in range(views))
        ]
    )
    target_3 = torch.from_numpy(middle)
    full = torch.ones(views, dtype=torch.float64)
    return Cameras(
        camera_to_world_N44=look_at(target_3 + distance * torch.from_numpy(towards), target_3),
        fov_y_N=full * FOV,
        unit_N=full,
        height=pixels,
        width=pixels,
    )


def project(points: NDArray[Any], cameras: Cameras) -> NDArray[np.float64]:
    """(V, K, 3) float64: column and row in pixels, and planar depth, of (K, 3) points."""
    x, y, z = cameras.view(torch.from_numpy(np.asarray(points, np.float64))).numpy().T
    focal = cameras.focal_N.numpy()
    column = cameras.width / 2 + focal * x / -z
    row = cameras.height / 2 - focal * y / -z
    pixels: NDArray[np.float64] = np.stack([column, row, -z], axis=-1).transpose(1, 0, 2)
    return pixels
