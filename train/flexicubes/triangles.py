"""Quads made into triangles: two for a mesh to keep, four for a mesh to learn from."""

from __future__ import annotations

import torch
from torch import Tensor

_DAMPING = 1e-8


def diagonal_weights(quads: Tensor, gamma: Tensor | None) -> Tensor | None:
    """(Q, 2) weight of the diagonals 0-2 and 1-3; None when all are equal.

    Args:
        quads: (Q, 4) int64 dual vertices.
        gamma: (V,) split weight of each vertex's cube.
    """
    if gamma is None:
        return None
    first, second, third, fourth = gamma[quads].unbind(dim=1)
    return torch.stack([first * third, second * fourth], dim=1)


def alignment(quads: Tensor, normals: Tensor) -> Tensor:
    """(Q, 2) how alike the (V, 3) unit normals at the ends of the diagonals 0-2 and 1-3 are."""
    first, second, third, fourth = normals[quads].unbind(dim=1)
    return torch.stack([(first * third).sum(dim=1), (second * fourth).sum(dim=1)], dim=1)


def split_by_diagonal(quads: Tensor, weights: Tensor | None) -> Tensor:
    """(2 Q, 3) triangles: each quad cut along its heavier diagonal, along 1-3 in a tie.

    Rows 2 i and 2 i + 1 belong to quad i.

    Args:
        weights: (Q, 2) of the diagonals 0-2 and 1-3; None for ties everywhere.
    """
    along_second = quads[:, [0, 1, 3, 3, 1, 2]]
    if weights is None:
        return along_second.reshape(-1, 3)
    along_first = quads[:, [0, 1, 2, 0, 2, 3]]
    heavier = weights[:, :1] > weights[:, 1:]
    return torch.where(heavier, along_first, along_second).reshape(-1, 3)


def split_at_centre(quads: Tensor, *, first_centre: int) -> Tensor:
    """(4 Q, 3) triangles from each side of a quad to its centre.

    Args:
        first_centre: the number of the first quad's centre among the vertices.
    """
    centre = torch.arange(len(quads), device=quads.device) + first_centre
    following = quads.roll(-1, dims=1)
    sides = torch.stack([quads, following, centre[:, None].expand_as(quads)], dim=2)
    return sides.reshape(-1, 3)


def centres(quads: Tensor, vertices: Tensor, *, weights: Tensor | None) -> Tensor:
    """(Q, D) weighted means of the middles of the two diagonals. FlexiCubes, section 4.3.

    Args:
        vertices: (V, D).
        weights: (Q, 2) of the diagonals 0-2 and 1-3; None for equal ones.
    """
    first, second, third, fourth = vertices[quads].unbind(dim=1)
    middles = torch.stack([first + third, second + fourth], dim=1) / 2
    if weights is None:
        return middles.mean(dim=1)
    # The authors add to the divisor instead of bounding it; gradients agree with theirs only so.
    total = weights.sum(dim=1) + _DAMPING
    return (weights[..., None] * middles).sum(dim=1) / total[:, None]
