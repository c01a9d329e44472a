"""What is drawn for an object in a step: times, noise, what it is not told.

All of it hangs on the seed and on the object's place in the order of training, so that a run that
goes on, or is shared out otherwise, draws what it would have drawn.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from train.denoiser.sample import Drops
from train.models.part_vae.noise import generator_of

TIMES, DROPS, GEOMETRY, IMAGES = range(10, 14)
"""Words of the seeds that keep the kinds apart, and from those of the VAE."""


def draw_times(places: Sequence[int], *, times: int, seed: int) -> Tensor:
    """(B,) int64 on the CPU: 0 to `times` - 1, even, one for all branches and both modalities."""
    drawn = [
        torch.randint(times, (1,), generator=generator_of(seed, TIMES, place)) for place in places
    ]
    return torch.cat(drawn)


def draw_drops(
    places: Sequence[int], *, text: float, boxes: float, both: float, seed: int
) -> Drops:
    """What the objects are not told, on the CPU.

    Args:
        text: probability that an object's texts alone are dropped.
        boxes: that its boxes alone are.
        both: that both are.
    """
    drawn = torch.cat(
        [torch.rand(1, generator=generator_of(seed, DROPS, place)) for place in places]
    )
    none_told = drawn < both
    return Drops(
        text=none_told | ((drawn >= both) & (drawn < both + text)),
        boxes=none_told | ((drawn >= both + text) & (drawn < both + text + boxes)),
    )


def draw_noise(
    like: Tensor, places: Sequence[int], *, counts: Sequence[int], kind: int, seed: int
) -> Tensor:
    """Standard normal noise like (P, …) latents, float32 on their device.

    Args:
        counts: branches of each object.
        kind: `GEOMETRY` or `IMAGES`.
    """
    rows = [
        torch.randn(
            (count, *like.shape[1:]),
            generator=generator_of(seed, kind, place, device=like.device),
            device=like.device,
        )
        for place, count in zip(places, counts, strict=True)
    ]
    return torch.cat(rows)
