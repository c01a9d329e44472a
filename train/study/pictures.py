"""Pictures of made parts, from the rig that sampling paints meshes from."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from train.metrics.mesh import TriangleMesh
from train.rendering.base import Renderer, ground_truth
from train.sampling.views import ring_cameras

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]

_AMBIENT = 0.7


def pictures(
    mesh: TriangleMesh, colors: Float64, *, views: int, pixels: int, renderer: Renderer
) -> Float32:
    """(V, H, W, 3) float32 sRGB in 0…1 on white, a little darker where a face turns away.

    Args:
        colors: (F, 3) sRGB of the faces.
        views: see `ring_cameras`, around the mesh.
        pixels: along a side.
        renderer: for the CPU.
    """
    cameras = ring_cameras(mesh.vertices, views=views, pixels=pixels)
    vertices, faces = torch.from_numpy(mesh.vertices).float(), torch.from_numpy(mesh.faces)
    maps = ground_truth(renderer, vertices, faces, cameras)
    view, row, column = (index.numpy() for index in maps.seen_NHW.nonzero().unbind(dim=1))
    face = maps.face_id_NHW.numpy()[view, row, column]
    normal = maps.normal_NHW3.numpy()[view, row, column]
    towards = cameras.camera_to_world_N44.numpy()[view, :3, 2]
    light = _AMBIENT + (1 - _AMBIENT) * (normal * towards).sum(axis=-1).clip(0, 1)
    drawn = np.ones((views, pixels, pixels, 3), np.float32)
    drawn[view, row, column] = colors[face] * light[:, None]
    return drawn
