"""Which face each pixel sees: a z-buffer in plain torch, on any device.

Every face is tried on all pixels of its bounding box, in chunks of bounded memory, and the nearest
wins: depth and face id are packed into one integer, whose minimum does not depend on the order.

Shape suffixes: N cameras, V vertices, F faces, K pairs of a face and a pixel of its box.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from train.rendering.barycentric import edge_functions
from train.rendering.cameras import Cameras

CHUNK = 1 << 20
"""Pairs of a face and a pixel that are tried at once, about 150 bytes each in float32."""

_MARGIN = 1e-2
"""Pixels by which boxes are larger, against the rounding of projected corners."""

_FAR = torch.iinfo(torch.int64).max


def rasterise(vertices_NV3: Tensor, faces_F3: Tensor, cameras: Cameras) -> Tensor:
    """(N, H, W) int64: the nearest face in front of each camera, -1 in the background.

    Both sides of faces are seen. Faces that lie on one another show the first of them up to
    rounding; faces without area or with a corner that is not finite are never seen. Faces that
    reach behind the camera are seen as far as they lie before it.

    Args:
        vertices_NV3: (N, V, 3) float32 or float64, vertices in the frames of the cameras.
        faces_F3: (F, 3) int64.
        cameras: with dtype and device of the vertices.
    """
    images = [
        _one_view(vertices_V3[faces_F3], cameras, view)
        for view, vertices_V3 in enumerate(vertices_NV3.detach())
    ]
    return torch.stack(images) if images else faces_F3.new_zeros(0, cameras.height, cameras.width)


def _one_view(corners_F33: Tensor, cameras: Cameras, view: int) -> Tensor:
    device = corners_F33.device
    nearest = torch.full((cameras.height * cameras.width,), _FAR, device=device)
    boxes_F4 = _boxes(corners_F33, cameras, view)
    for face_K, row_K, column_K in _fragments(boxes_F4):
        corners_K33 = corners_F33[face_K]
        view_K = torch.full_like(face_K, view)
        edges_K3 = edge_functions(corners_K33, cameras.ray_slopes(view_K, row_K, column_K))
        total_K = edges_K3.sum(dim=-1)
        depth_K3 = -corners_K33[..., 2]
        depth_K = (edges_K3 * depth_K3).sum(dim=-1) / total_K
        # A plane through the camera meets every ray there, at a depth of 0 but for rounding.
        nearest_K = 8 * torch.finfo(depth_K.dtype).eps * depth_K3.abs().amax(dim=-1)
        within_K = (edges_K3 >= 0).all(dim=-1) | (edges_K3 <= 0).all(dim=-1)
        # A face of no area has a total of 0 and thus a depth that is no number.
        seen = (within_K & (depth_K > nearest_K) & depth_K.isfinite()).nonzero()[:, 0]
        # Positive floats are in the order of their bits.
        bits = depth_K[seen].float().view(torch.int32).long()
        key = (bits << 32) | face_K[seen]
        pixel = row_K[seen] * cameras.width + column_K[seen]
        nearest.scatter_reduce_(0, pixel, key, "amin")
    face_id = torch.where(nearest == _FAR, -1, nearest & 0xFFFFFFFF)
    return face_id.reshape(cameras.height, cameras.width)


def _boxes(corners_F33: Tensor, cameras: Cameras, view: int) -> Tensor:
    """(F, 4) int64: first row, first column, rows and columns that a face may cover."""
    depth_F3 = -corners_F33[..., 2]
    size = torch.tensor([cameras.width, cameras.height]).to(corners_F33)
    flipped_F32 = corners_F33[..., :2] * torch.tensor([1.0, -1.0]).to(corners_F33)
    pixel_F32 = size / 2 + cameras.focal_N[view] * flipped_F32 / depth_F3[..., None]
    before_F1 = (depth_F3 > 0).any(dim=-1, keepdim=True)
    wholly_F1 = (depth_F3 > 0).all(dim=-1, keepdim=True)
    # The image of a face that reaches behind the camera has no end.
    low_F2 = torch.where(wholly_F1, pixel_F32.amin(dim=1), 0.0)
    high_F2 = torch.where(wholly_F1, pixel_F32.amax(dim=1), size)
    first_F2 = (low_F2 - 0.5 - _MARGIN).ceil().clamp(min=0)
    last_F2 = torch.minimum((high_F2 - 0.5 + _MARGIN).floor(), size - 1)
    extent_F2 = (last_F2 - first_F2 + 1).clamp(min=0)
    valid_F1 = before_F1 & corners_F33.isfinite().all(dim=(1, 2))[:, None]
    extent_F2 = torch.where(valid_F1 & extent_F2.isfinite(), extent_F2, 0.0)
    first_F2 = torch.where(extent_F2 > 0, first_F2, 0.0)
    return torch.cat([first_F2.flip(1), extent_F2.flip(1)], dim=1).long()


def _fragments(boxes_F4: Tensor) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Face, row and column, (K,) int64 each, of all pixels of all boxes, chunk by chunk."""
    area_F = boxes_F4[:, 2] * boxes_F4[:, 3]
    face = area_F.nonzero()[:, 0]
    chunk = (area_F[face].cumsum(dim=0) - 1) // CHUNK
    sizes = torch.unique_consecutive(chunk, return_counts=True)[1].tolist()
    for face_C in torch.split(face, sizes):
        area_C = area_F[face_C]
        # Places within the box of a face count up from 0.
        start_C = area_C.cumsum(dim=0) - area_C
        face_K = face_C.repeat_interleave(area_C)
        place_K = torch.arange(len(face_K), device=face.device)
        place_K -= start_C.repeat_interleave(area_C)
        box_K4 = boxes_F4[face_K]
        row_K = torch.div(place_K, box_K4[:, 3], rounding_mode="floor")
        column_K = place_K - row_K * box_K4[:, 3]
        yield face_K, box_K4[:, 0] + row_K, box_K4[:, 1] + column_K
