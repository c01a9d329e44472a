"""Farthest point sampling."""

from __future__ import annotations

import torch
from torch import Tensor


def farthest_points(points_BS3: Tensor, count: int) -> Tensor:
    """(B, count) int64: points chosen one by one, each as far as can be from those before it.

    The first point of each cloud is the first chosen, so equal clouds give equal choices.
    """
    batch, size, _ = points_BS3.shape
    if count > size:
        raise ValueError(f"cannot choose {count} of {size} points; give the encoder more of them")
    rows = torch.arange(batch, device=points_BS3.device)
    chosen = torch.zeros(batch, count, dtype=torch.long, device=points_BS3.device)
    nearest = torch.full((batch, size), torch.inf, device=points_BS3.device)
    for step in range(1, count):
        last = points_BS3[rows, chosen[:, step - 1]]
        distance = (points_BS3 - last[:, None]).square().sum(dim=-1)
        nearest = torch.minimum(nearest, distance.to(nearest.dtype))
        chosen[:, step] = nearest.argmax(dim=1)
    return chosen
