"""What every renderer takes and gives.

Shape suffixes: N cameras, V vertices, F faces, H rows, W columns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from train.rendering.cameras import Cameras


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rendering:
    """Maps of one mesh, with the dtype and on the device of its vertices.

    Attributes:
        depth_NHW: (N, H, W) planar depth (distance along the camera's axis) > 0, in the cameras'
            units; 0 in the background.
        normal_NHW3: (N, H, W, 3) unit face normals in the world, on the side that the winding says;
            0 in the background.
        mask_NHW: (N, H, W) in 0…1, the share of the pixel that is covered; between 0 and 1 only on
            the silhouette. Depth and normal are there where `face_id_NHW` is, not where it is > 0.
        face_id_NHW: (N, H, W) int64, -1 in the background.
    """

    depth_NHW: Tensor
    normal_NHW3: Tensor
    mask_NHW: Tensor
    face_id_NHW: Tensor

    @property
    def seen_NHW(self) -> Tensor:
        """(N, H, W) bool: the pixels whose centres see a face."""
        return self.face_id_NHW >= 0


class Renderer(Protocol):
    """Renders a mesh; depth, normal and mask are differentiable with respect to its vertices."""

    def render(self, vertices_V3: Tensor, faces_F3: Tensor, cameras: Cameras) -> Rendering:
        """Maps of a mesh as each camera sees it.

        Args:
            vertices_V3: (V, 3) float, in the world.
            faces_F3: (F, 3) int, corners counter-clockwise as seen from outside.
            cameras: where to look from; they are moved to the dtype and device of the vertices.

        Raises:
            ValueError: shapes or dtypes are not as above.
        """
        ...


def ground_truth(
    renderer: Renderer, vertices_V3: Tensor, faces_F3: Tensor, cameras: Cameras
) -> Rendering:
    """Maps to compare with, without gradients; normals are turned to face the camera.

    Meshes that artists made are double-sided, and their winding says little; TRELLIS turns them
    alike.
    """
    with torch.no_grad():
        rendering = renderer.render(vertices_V3, faces_F3, cameras)
        return facing_cameras(rendering, vertices_V3, faces_F3, cameras)


def facing_cameras(
    rendering: Rendering, vertices_V3: Tensor, faces_F3: Tensor, cameras: Cameras
) -> Rendering:
    """The same maps with normals turned to the side of the face that the camera is on."""
    view, row, column = rendering.seen_NHW.nonzero().unbind(dim=1)
    corner_K3 = vertices_V3.detach()[faces_F3[rendering.face_id_NHW[view, row, column], 0].long()]
    towards_K3 = cameras.to(corner_K3).position_N3[view] - corner_K3
    normal_K3 = rendering.normal_NHW3[view, row, column]
    turn_K1 = torch.where((normal_K3 * towards_K3).sum(dim=-1, keepdim=True) < 0, -1.0, 1.0)
    turned = rendering.normal_NHW3.index_put((view, row, column), normal_K3 * turn_K1)
    return replace(rendering, normal_NHW3=turned)


def check_mesh(vertices_V3: Tensor, faces_F3: Tensor, *, dtypes: tuple[torch.dtype, ...]) -> None:
    """Refuse what cannot be rendered."""
    if vertices_V3.ndim != 2 or vertices_V3.shape[1] != 3:
        raise ValueError(f"expected vertices (V, 3), found {tuple(vertices_V3.shape)}")
    if faces_F3.ndim != 2 or faces_F3.shape[1] != 3 or faces_F3.is_floating_point():
        raise ValueError(
            f"expected faces (F, 3) of integers, found {tuple(faces_F3.shape)} of {faces_F3.dtype}"
        )
    if vertices_V3.dtype not in dtypes:
        raise ValueError(
            f"vertices are {vertices_V3.dtype}, expected {' or '.join(map(str, dtypes))}; "
            "extract and render meshes outside of autocast, in full precision"
        )
    if len(faces_F3) and not 0 <= int(faces_F3.min()) <= int(faces_F3.max()) < len(vertices_V3):
        raise ValueError(
            f"faces index vertices {int(faces_F3.min())}…{int(faces_F3.max())}, "
            f"but there are {len(vertices_V3)}"
        )
