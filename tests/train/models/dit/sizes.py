"""Small denoisers of geometry for tests."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from train.models.dit.config import DiTConfig
from train.models.dit.model import DiT

SMALL: dict[str, Any] = {
    "latent_dim": 5,
    "width": 16,
    "layers": 2,
    "heads": 2,
    "condition_width": 7,
}


def small_dit(*, stirred: bool = True, **settings: Any) -> DiT:
    """With weights large enough for every one to matter, unless it is to be new."""
    torch.manual_seed(0)
    model = DiT(DiTConfig(**{**SMALL, **settings})).eval()
    if stirred:
        stir(model)
    return model


def stir(model: nn.Module) -> None:
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.2 * torch.randn(weight.shape, generator=generator))
