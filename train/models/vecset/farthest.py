"""Farthest point sampling."""

from __future__ import annotations

import torch
from torch import Tensor


@torch.no_grad()
def farthest_points(
    points_BS3: Tensor, count: int, *, start: int = 0, half_precision: bool = False
) -> Tensor:
    """(B, count) int64: points chosen one by one, each as far as can be from those before it.

    Of equally far points the first in the list is chosen, so equal clouds give equal choices.

    Args:
        points_BS3: (B, S, 3) positions.
        count: at most S.
        start: the first point of each cloud that is chosen.
        half_precision: round positions to half precision before, as Dora does.

    Raises:
        ValueError: too few points, or no such start.
    """
    batch, size, _ = points_BS3.shape
    if not 1 <= count <= size:
        raise ValueError(f"cannot choose {count} of {size} points; give the encoder more of them")
    if not 0 <= start < size:
        raise ValueError(f"start is {start}, expected the index of one of {size} points")
    if half_precision:
        points_BS3 = points_BS3.half()
    if points_BS3.dtype in (torch.float16, torch.bfloat16):
        points_BS3 = points_BS3.float()
    rows = torch.arange(batch, device=points_BS3.device)
    chosen = torch.full((batch, count), start, dtype=torch.long, device=points_BS3.device)
    nearest = torch.full_like(points_BS3[..., 0], torch.inf)
    for step in range(1, count):
        last = points_BS3[rows, chosen[:, step - 1]]
        distance = (points_BS3 - last[:, None]).square().sum(dim=-1)
        nearest = torch.minimum(nearest, distance)
        chosen[:, step] = nearest.argmax(dim=1)
    return chosen
