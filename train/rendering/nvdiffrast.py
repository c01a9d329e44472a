"""Rendering with nvdiffrast, on CUDA, where a person has installed it.

nvdiffrast is no dependency: its licence allows some uses and forbids others, which is for whoever
installs it to judge.

Shape suffixes: N cameras, V vertices, F faces, H rows, W columns.
"""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

from train.rendering.base import Rendering, check_mesh
from train.rendering.cameras import Cameras
from train.rendering.shading import normal_map

_NEAREST = 1e-3
"""The near plane, as a share of the farthest depth, where the mesh reaches behind the camera."""


def is_installed() -> bool:
    """Whether the package can be found."""
    return find_spec("nvdiffrast") is not None


class NvdiffrastRenderer:
    """Rasterises, interpolates and antialiases on a GPU, in float32.

    Gradients of depth and normals are those inside of faces; the mask has those of silhouettes.

    Args:
        device: a CUDA device.

    Raises:
        ImportError: nvdiffrast is not installed.
    """

    def __init__(self, device: torch.device) -> None:
        # Not typed, and absent from most machines.
        self._library: Any = importlib.import_module("nvdiffrast.torch")
        # Making a context is slow; it is kept.
        self._context = self._library.RasterizeCudaContext(device=device)

    def render(self, vertices_V3: Tensor, faces_F3: Tensor, cameras: Cameras) -> Rendering:
        """See `Renderer.render`; float32 alone."""
        check_mesh(vertices_V3, faces_F3, dtypes=(torch.float32,))
        cameras = cameras.to(vertices_V3)
        if not len(faces_F3):
            return _empty(vertices_V3, cameras)
        vertices_NV3 = cameras.view(vertices_V3)
        depth_NV1 = -vertices_NV3[..., 2:]
        clip_NV4 = clip_space(vertices_NV3, cameras).contiguous()
        triangles = faces_F3.int().contiguous()
        raster, _ = self._library.rasterize(
            self._context, clip_NV4, triangles, resolution=[cameras.height, cameras.width]
        )
        face_id_NHW = raster[..., 3].detach().long() - 1
        depth_NHW1, _ = self._library.interpolate(depth_NV1.contiguous(), raster, triangles)
        seen_NHW1 = (face_id_NHW >= 0)[..., None].to(vertices_V3.dtype)
        mask_NHW1 = self._library.antialias(seen_NHW1.contiguous(), raster, clip_NV4, triangles)
        return Rendering(
            depth_NHW=depth_NHW1[..., 0] / cameras.unit_N[:, None, None],
            normal_NHW3=normal_map(vertices_V3, faces_F3.long(), face_id_NHW=face_id_NHW),
            mask_NHW=mask_NHW1[..., 0],
            face_id_NHW=face_id_NHW,
        )


def clip_space(vertices_NV3: Tensor, cameras: Cameras) -> Tensor:
    """(N, V, 4) homogeneous positions with y down, so that the first row of an image is its top.

    nvdiffrast counts rows as OpenGL does, from y = -1 upwards. The near and far planes fit the
    vertices that are in front of each camera.

    Args:
        vertices_NV3: (N, V, 3) float, vertices in the frames of the cameras.
        cameras: with dtype and device of the vertices.
    """
    x, y, z = vertices_NV3.unbind(dim=-1)
    depth = -z
    far = 1.01 * depth.detach().amax(dim=1, keepdim=True).clamp(min=1e-6)
    near = torch.maximum(0.99 * depth.detach().amin(dim=1, keepdim=True), _NEAREST * far)
    focal = 2 * cameras.focal_N[:, None]
    scaled = (depth * (far + near) - 2 * far * near) / (far - near)
    return torch.stack(
        [x * focal / cameras.width, -y * focal / cameras.height, scaled, depth], dim=-1
    )


def _empty(vertices_V3: Tensor, cameras: Cameras) -> Rendering:
    shape = (len(cameras), cameras.height, cameras.width)
    return Rendering(
        depth_NHW=vertices_V3.new_zeros(shape),
        normal_NHW3=vertices_V3.new_zeros(*shape, 3),
        mask_NHW=vertices_V3.new_zeros(shape),
        face_id_NHW=torch.full(shape, -1, device=vertices_V3.device),
    )
