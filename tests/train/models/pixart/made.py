"""A small denoiser of images for tests."""

from __future__ import annotations

from typing import Any

import torch

from train.models.pixart.config import PixArtConfig

SMALL = PixArtConfig(layers=2, heads=2, head_width=8, sample_size=4, text_width=10)


def small_network(config: PixArtConfig = SMALL) -> Any:
    """Of `diffusers`, with weights large enough for every one to matter."""
    from diffusers import PixArtTransformer2DModel

    torch.manual_seed(0)
    network = PixArtTransformer2DModel(**config.arguments()).eval()
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(0.2 * torch.randn(weight.shape))
    return network


def small_inputs(*, views: int = 2, side: int = 4) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(0)
    return {
        "x_BVDHW": torch.randn(3, views, 4, side, side, generator=generator),
        "timesteps_B": torch.tensor([3, 500, 999]),
        "text_BME": torch.randn(3, 5, 10, generator=generator),
        "mask_BM": torch.arange(5) < torch.tensor([[2], [5], [1]]),
    }
