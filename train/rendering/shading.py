"""Depth and normals of the faces that pixels see, recomputed from their corners.

Shape suffixes: N cameras, V vertices, F faces, H rows, W columns, K pixels that see a face.
"""

from __future__ import annotations

import torch
from torch import Tensor

from train.rendering.barycentric import barycentric
from train.rendering.cameras import Cameras


def depth_map(
    vertices_NV3: Tensor, faces_F3: Tensor, *, face_id_NHW: Tensor, cameras: Cameras
) -> Tensor:
    """(N, H, W) planar depth in the cameras' units, 0 in the background.

    The depth and its derivatives are those of the plane of the face at the centre of the pixel,
    exactly; which face it is has no derivative.

    Args:
        vertices_NV3: (N, V, 3) float, vertices in the frames of the cameras.
        faces_F3: (F, 3) int64.
        face_id_NHW: (N, H, W) int64, which face each pixel sees, -1 = none.
        cameras: with dtype and device of the vertices.
    """
    view_K, row_K, column_K = (face_id_NHW >= 0).nonzero().unbind(dim=1)
    face_K = face_id_NHW[view_K, row_K, column_K]
    corners_K33 = vertices_NV3[view_K[:, None], faces_F3[face_K]]
    weights_K3 = barycentric(corners_K33, cameras.ray_slopes(view_K, row_K, column_K))
    depth_K = -(weights_K3 * corners_K33[..., 2]).sum(dim=-1) / cameras.unit_N[view_K]
    background = vertices_NV3.new_zeros(face_id_NHW.shape)
    return background.index_put((view_K, row_K, column_K), depth_K)


def normal_map(vertices_V3: Tensor, faces_F3: Tensor, *, face_id_NHW: Tensor) -> Tensor:
    """(N, H, W, 3) unit face normals in the world by winding, 0 in the background.

    Args:
        vertices_V3: (V, 3) float, in the world.
        faces_F3: (F, 3) int64.
        face_id_NHW: (N, H, W) int64, which face each pixel sees, -1 = none.
    """
    view_K, row_K, column_K = (face_id_NHW >= 0).nonzero().unbind(dim=1)
    # Faces that nobody sees may have no area, whose normal has no gradient.
    face_K = face_id_NHW[view_K, row_K, column_K]
    seen, place_K = torch.unique(face_K, return_inverse=True)
    corners = vertices_V3[faces_F3[seen]]
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normals = torch.nn.functional.normalize(torch.linalg.cross(first, second), dim=-1, eps=1e-30)
    background = vertices_V3.new_zeros(*face_id_NHW.shape, 3)
    return background.index_put((view_K, row_K, column_K), normals[place_K])
