"""Random numbers of a branch that do not depend on what is sampled beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from train.models.part_vae.noise import generator_of

START, STEP, HELD = range(3)
"""What noise is for: to start from, of a step with `eta`, and on parts that are kept."""

GEOMETRY, IMAGES = range(2)


def branch_noise(
    size: Sequence[int],
    *,
    names: Sequence[str],
    seed: int,
    use: int,
    modality: int,
    time: int,
    device: torch.device,
) -> Tensor:
    """(P, *size) float32 standard normal noise, a row for each name.

    It is drawn on the CPU, so that it is the same on every device.

    Args:
        size: of one branch.
        names: of the branches, such as `chair/seat`.
        seed: of the run.
        use: `START`, `STEP` or `HELD`.
        modality: `GEOMETRY` or `IMAGES`.
        time: of the step.
    """
    rows = []
    for name in names:
        words = np.frombuffer(hashlib.sha256(name.encode()).digest()[:16], "<u4").tolist()
        generator = generator_of(seed, use, modality, time, *words)
        rows.append(torch.randn(tuple(size), generator=generator))
    return torch.stack(rows).to(device)
