"""Gradients of a field in space."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Field = Callable[[Tensor], Tensor]
"""From (B, Q, 3) points to (B, Q) values; what one point gets must not depend on others."""


def gradient_by_autograd(field: Field, points_BQ3: Tensor, *, create_graph: bool) -> Tensor:
    """(B, Q, 3) exact gradients.

    Args:
        create_graph: the gradient will be part of a loss; the field's attention must then be
            queried with `double_backward`.
    """
    with torch.enable_grad():
        points_BQ3 = points_BQ3.detach().requires_grad_()
        total = field(points_BQ3).sum()
        (gradient_BQ3,) = torch.autograd.grad(total, points_BQ3, create_graph=create_graph)
    return gradient_BQ3


def gradient_by_differences(field: Field, points_BQ3: Tensor, *, step: float = 1e-3) -> Tensor:
    """(B, Q, 3) central differences, which need no second backward pass but six queries a point.

    Args:
        step: to either side, in units of the points; the error grows with its square.
    """
    offset_A13 = step * torch.eye(3, dtype=points_BQ3.dtype, device=points_BQ3.device)[:, None]
    both = torch.cat([offset_A13, -offset_A13])
    values = field((points_BQ3[:, None] + both).flatten(1, 2))
    ahead_BAQ, behind_BAQ = values.reshape(len(values), 6, -1).chunk(2, dim=1)
    return ((ahead_BAQ - behind_BAQ) / (2 * step)).transpose(1, 2)
