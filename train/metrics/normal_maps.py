"""Normal maps of meshes, and how alike two of them are."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from train.metrics.mesh import TriangleMesh
from train.rendering.base import Renderer, ground_truth
from train.rendering.cameras import Cameras

Float32 = NDArray[np.float32]

BEST_PSNR = 100.0
"""Decibels of equal maps, in place of infinity, so that there is a mean."""


def normal_maps(
    mesh: TriangleMesh, cameras: Cameras, *, renderer: Renderer, device: torch.device
) -> Float32:
    """(N, H, W, 3) float32: unit normals in the frame of each camera, turned to face it.

    They are 0 in the background.
    """
    maps = ground_truth(
        renderer,
        torch.from_numpy(mesh.vertices).to(device, torch.float32),
        torch.from_numpy(mesh.faces).to(device),
        cameras,
    )
    rotation = cameras.to(maps.normal_NHW3).camera_to_world_N44[:, :3, :3]
    turned = (maps.normal_NHW3[..., None] * rotation[:, None, None]).sum(dim=-2)
    found: Float32 = turned.cpu().numpy()
    return found


def normal_psnr(first: Float32, second: Float32) -> float:
    """Peak signal-to-noise ratio of two stacks of normal maps, dB, at most `BEST_PSNR`.

    Maps count as pictures with channels (n + 1) / 2 in 0…1, background and all; what one of them
    sees and the other does not counts as a difference.

    Args:
        first: (N, H, W, 3), 0 in the background.
        second: of the same shape.
    """
    if first.shape != second.shape:
        raise ValueError(f"expected maps of one shape, found {first.shape} and {second.shape}")
    error = float(np.mean(((first.astype(np.float64) - second) / 2) ** 2))
    return min(-10 * float(np.log10(error)), BEST_PSNR) if error > 0 else BEST_PSNR
