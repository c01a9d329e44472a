"""Random numbers of a step that do not depend on how the step is shared out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

BOTTLENECK, VIEWS, TOKENS = range(3)
"""Words of the seeds that keep the kinds of randomness apart."""


def generator_of(*words: int, device: torch.device | None = None) -> torch.Generator:
    """A generator that is a function of some words ≥ 0."""
    state = np.random.SeedSequence(words).generate_state(1, np.uint64)
    # torch takes a signed 64-bit seed.
    return torch.Generator(device or torch.device("cpu")).manual_seed(int(state[0]) >> 1)


def noise_like(latent_BTD: Tensor, places: Sequence[int], *, seed: int) -> Tensor:
    """(B, T, D) normal noise; each row hangs on the seed and its item's place alone.

    Two processes with half of a batch each draw what one draws for the whole.
    """
    device = latent_BTD.device
    shape, dtype = latent_BTD.shape[1:], latent_BTD.dtype
    rows = [
        torch.randn(
            shape,
            generator=generator_of(seed, BOTTLENECK, place, device=device),
            device=device,
            dtype=dtype,
        )
        for place in places
    ]
    return torch.stack(rows)


def chosen_tokens(choices: Sequence[int], *, seed: int, step: int) -> int | None:
    """The number of latent tokens of a step, the same in all processes; None without choices."""
    if not choices:
        return None
    draw = torch.randint(len(choices), (1,), generator=generator_of(seed, TOKENS, step))
    return choices[int(draw)]
