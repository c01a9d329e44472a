"""Renderers that need no licence and no GPU: face ids from somewhere, all else from the corners."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import final

import torch
from torch import Tensor

from train.rendering.base import Rendering, check_mesh
from train.rendering.cameras import Cameras
from train.rendering.rasteriser import rasterise
from train.rendering.shading import depth_map, normal_map
from train.rendering.silhouette import soft_mask


class _PortableRenderer(ABC):
    """Renders from face ids.

    Depth and normals have the exact gradients of the faces' planes inside of them, the mask has
    those of silhouettes that lie before the background. What lies before another part of the mesh
    has a rim without a gradient.
    """

    def render(self, vertices_V3: Tensor, faces_F3: Tensor, cameras: Cameras) -> Rendering:
        """See `Renderer.render`; float32 or float64."""
        check_mesh(vertices_V3, faces_F3, dtypes=(torch.float32, torch.float64))
        faces_F3, cameras = faces_F3.long(), cameras.to(vertices_V3)
        vertices_NV3 = cameras.view(vertices_V3)
        with torch.no_grad():
            face_id_NHW = self._face_ids(vertices_V3, vertices_NV3, faces_F3, cameras)
        return Rendering(
            depth_NHW=depth_map(vertices_NV3, faces_F3, face_id_NHW=face_id_NHW, cameras=cameras),
            normal_NHW3=normal_map(vertices_V3, faces_F3, face_id_NHW=face_id_NHW),
            mask_NHW=soft_mask(vertices_NV3, faces_F3, face_id_NHW=face_id_NHW, cameras=cameras),
            face_id_NHW=face_id_NHW,
        )

    @abstractmethod
    def _face_ids(
        self, vertices_V3: Tensor, vertices_NV3: Tensor, faces_F3: Tensor, cameras: Cameras
    ) -> Tensor:
        """(N, H, W) int64, given vertices in the world and in the frames of the cameras."""


@final
class TorchRenderer(_PortableRenderer):
    """Finds faces by a z-buffer in torch, on any device."""

    def _face_ids(
        self, vertices_V3: Tensor, vertices_NV3: Tensor, faces_F3: Tensor, cameras: Cameras
    ) -> Tensor:
        del vertices_V3
        return rasterise(vertices_NV3, faces_F3, cameras)


@final
class EmbreeRenderer(_PortableRenderer):
    """Finds faces by Embree's rays, on the CPU; meshes on a GPU travel there and ids back.

    Raises:
        ImportError: embreex is not installed.
    """

    def __init__(self) -> None:
        from train.rendering.rays import cast

        self._cast = cast

    def _face_ids(
        self, vertices_V3: Tensor, vertices_NV3: Tensor, faces_F3: Tensor, cameras: Cameras
    ) -> Tensor:
        del vertices_NV3
        vertices = vertices_V3.detach().cpu()
        return self._cast(vertices, faces_F3.cpu(), cameras.to(vertices)).to(faces_F3.device)
