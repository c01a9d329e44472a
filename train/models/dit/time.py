"""The diffusion time as numbers that a network can read."""

from __future__ import annotations

from math import log

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

TIME_FEATURES = 256
"""Sines and cosines of the diffusion transformer's time."""


def time_features(times_B: Tensor, count: int, *, cosines_first: bool = True) -> Tensor:
    """(B, count) float32 cosines and sines of times, at periods from 2 pi to 2 pi 10^4.

    Args:
        times_B: (B,) diffusion times in steps of 0 to 1000, whole or not.
    """
    half = count // 2
    order = torch.arange(half, dtype=torch.float32, device=times_B.device)
    angles = times_B.float()[:, None] * torch.exp(-log(10_000) * order / half)
    parts = [angles.cos(), angles.sin()] if cosines_first else [angles.sin(), angles.cos()]
    return torch.cat(parts, dim=-1)


class TimeEmbedding(nn.Module):
    """Features of time through two layers."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.widen = nn.Linear(TIME_FEATURES, width)
        self.out = nn.Linear(width, width)

    def forward(self, times_B: Tensor) -> Tensor:
        """(B, C)."""
        features = time_features(times_B, TIME_FEATURES).to(self.widen.weight.dtype)
        embedding: Tensor = self.out(silu(self.widen(features)))
        return embedding
