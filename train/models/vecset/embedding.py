"""Fourier features."""

from __future__ import annotations

from math import pi

import torch
from torch import Tensor


def fourier_features(x: Tensor, frequencies: int, *, include_pi: bool) -> Tensor:
    """Coordinates, and their sines and cosines at doubling frequencies.

    Args:
        x: (..., A) coordinates. Half precision would lose the high frequencies: give single.
        frequencies: K of them, 1, 2, 4, …
        include_pi: multiply them by pi.

    Returns:
        (..., A (1 + 2 K)): [x, sines, cosines], in both groups the A coordinates one after the
        other, each with its K frequencies.
    """
    # Integers make the powers exact on every device; no buffer, so that the meta device can do it.
    scales = (1 << torch.arange(frequencies, device=x.device)).to(x.dtype)
    if include_pi:
        scales = scales * pi
    angles = (x[..., None] * scales).flatten(-2)
    return torch.cat([x, angles.sin(), angles.cos()], dim=-1)
