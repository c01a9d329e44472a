"""An exponential moving average of tensors."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor


def decay_at(update: int, *, decay: float, warmup: float) -> float:
    """What an average keeps of itself at an update, counted from 0.

    min(decay, (1 + n) / (warmup + n)): early weights, which are worth nothing, are forgotten soon.
    With a warm-up of 1 the decay is the same at all times.
    """
    return min(decay, (1 + update) / (warmup + update))


class MovingAverage:
    """Single-precision copies of tensors that follow them.

    Args:
        tensors: what to start from, by name.
        decay: what is kept of the average at an update, once warm, in 0…1.
        warmup: see `decay_at`, at least 1.

    Attributes:
        values: the averages, each on the device of its tensor, at least in single precision.
        updates: how many there were.
    """

    def __init__(self, tensors: Mapping[str, Tensor], *, decay: float, warmup: float) -> None:
        self.decay = decay
        self.warmup = warmup
        self.updates = 0
        self.values = {name: _copy(tensor) for name, tensor in tensors.items()}

    @torch.no_grad()
    def update(self, tensors: Mapping[str, Tensor]) -> None:
        """Move towards the tensors, which have the names of the first ones."""
        keep = decay_at(self.updates, decay=self.decay, warmup=self.warmup)
        self.updates += 1
        averages = [self.values[name] for name in tensors]
        current = [tensor.detach().to(self.values[name]) for name, tensor in tensors.items()]
        torch._foreach_lerp_(averages, current, 1 - keep)


def _copy(tensor: Tensor) -> Tensor:
    dtype = torch.promote_types(tensor.dtype, torch.float32)
    return tensor.detach().to(dtype, copy=True)
