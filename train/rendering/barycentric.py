"""Where rays through pixels meet the planes of triangles.

Everything happens in the frame of a camera, in homogeneous pixels: a corner (x, y, -w) is moved to
(x - w·a, y - w·b), where (a, b) is the slope of a ray. The ray is then the origin, and a cross
product of two corners tells its side of their edge, wherever the corners lie, even behind the
camera. Swapping the corners of an edge flips the sign of the result and nothing else, so that no
ray slips between two faces that share an edge.

Shape suffixes: K pairs of a ray and a triangle, 3 corners, 2 or 3 coordinates.
"""

from __future__ import annotations

import torch
from torch import Tensor


def edge_functions(corners_K33: Tensor, slopes_K2: Tensor) -> Tensor:
    """(K, 3): twice the signed homogeneous area opposite each corner, as the ray sees it.

    A ray meets the inside of a triangle where all three have one sign; divided by their sum they
    are the perspective-correct barycentric coordinates.

    Args:
        corners_K33: (K, 3, 3) float, corners in the frame of the camera.
        slopes_K2: (K, 2) float, see `Cameras.ray_slopes`.
    """
    depth_K31 = -corners_K33[..., 2:]
    moved_K32 = corners_K33[..., :2] - slopes_K2[:, None] * depth_K31
    x, y = moved_K32.unbind(dim=-1)
    return torch.stack(
        [
            x[:, 1] * y[:, 2] - y[:, 1] * x[:, 2],
            x[:, 2] * y[:, 0] - y[:, 2] * x[:, 0],
            x[:, 0] * y[:, 1] - y[:, 0] * x[:, 1],
        ],
        dim=-1,
    )


def barycentric(corners_K33: Tensor, slopes_K2: Tensor) -> Tensor:
    """(K, 3) weights of the corners where a ray meets a triangle, ≥ 0 with sum 1, differentiable.

    A ray that passes a triangle by a rounding error gets a point on its rim; a triangle seen from
    its edge gets its middle, without a gradient.
    """
    edges_K3 = edge_functions(corners_K33, slopes_K2)
    total_K1 = edges_K3.sum(dim=-1, keepdim=True)
    seen_K1 = total_K1 != 0
    weights_K3 = (edges_K3 / torch.where(seen_K1, total_K1, 1.0)).clamp(0, 1)
    weights_K3 = torch.where(seen_K1, weights_K3, 1 / 3)
    return weights_K3 / weights_K3.sum(dim=-1, keepdim=True)
