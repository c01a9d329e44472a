"""Points of a regular grid."""

from __future__ import annotations

import torch
from torch import Tensor


def lattice_points(
    cells: int, *, bound: float = 1.05, device: torch.device | str | None = None
) -> Tensor:
    """((cells + 1)^3, 3) float32 corners of a grid over [-bound, bound]^3; z runs fastest."""
    # Rounded once: the highest frequencies of the features multiply an error by hundreds.
    axis = torch.linspace(-bound, bound, cells + 1, dtype=torch.float64).to(device, torch.float32)
    return torch.cartesian_prod(axis, axis, axis)
