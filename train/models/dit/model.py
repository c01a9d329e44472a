"""CraftsMan's diffusion transformer (`pixart-denoiser`).

Shape suffixes: B sequences, T latent tokens, D channels of one, M condition tokens, C width.
"""

from __future__ import annotations

from math import sqrt

import torch
from torch import Tensor, nn
from torch.nn.functional import silu
from torch.utils.checkpoint import checkpoint

from train.models.dit.block import NORM_EPS, DiTBlock, initialise_block, make_norm
from train.models.dit.condition import ImageCondition
from train.models.dit.config import DiTConfig
from train.models.dit.time import TimeEmbedding


class DiT(nn.Module):
    """The noise in latent tokens, from a time and condition tokens.

    Tokens have no positions: a permutation of the latent tokens permutes what comes out. A new
    network is the identity up to its last layer. `tokens_in`, `modulate`, `blocks` and `finish` can
    be run one by one, as the joint denoiser does.
    """

    def __init__(self, config: DiTConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.time = TimeEmbedding(width)
        self.tokens_in = nn.Linear(config.latent_dim, width)
        self.condition = None if config.condition == "none" else ImageCondition(config)
        self.blocks = nn.ModuleList(DiTBlock(config) for _ in range(config.layers))
        self.to_modulation = nn.Linear(width, 6 * width)
        self.norm = make_norm(config, width, eps=NORM_EPS)
        self.last_modulation = nn.Parameter(torch.randn(2, width) / sqrt(width))
        self.tokens_out = nn.Linear(width, config.latent_dim)
        for block in self.blocks:
            assert isinstance(block, DiTBlock)
            initialise_block(block)

    def forward(
        self,
        x_BTD: Tensor,
        *,
        timesteps_B: Tensor,
        context_BMC: Tensor,
        mask_BM: Tensor | None = None,
    ) -> Tensor:
        """(B, T, D) the predicted noise.

        Args:
            x_BTD: noisy latent tokens.
            timesteps_B: diffusion times of 0 to 1000, whole or not.
            context_BMC: condition tokens, as wide as the network; of images from `condition`.
            mask_BM: bool, which condition tokens are there; None for all.
        """
        x_BTC = self.tokens_in(x_BTD)
        modulation_B6C, time_BC = self.modulate(timesteps_B)
        mask = None if mask_BM is None else mask_BM[:, None, None]
        for block in self.blocks:
            if self.config.checkpoint_blocks and torch.is_grad_enabled():
                x_BTC = checkpoint(
                    block, x_BTC, context_BMC, modulation_B6C, mask=mask, use_reentrant=False
                )
            else:
                x_BTC = block(x_BTC, context_BMC, modulation_B6C, mask=mask)
        return self.finish(x_BTC, time_BC)

    def modulate(self, timesteps_B: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 6, C) what all blocks are modulated by, and (B, C) what the last layer is."""
        time_BC = self.time(timesteps_B)
        return self.to_modulation(silu(time_BC)).unflatten(-1, (6, -1)), time_BC

    def finish(self, x_BTC: Tensor, time_BC: Tensor) -> Tensor:
        """(B, T, D) the noise that the last block's tokens say."""
        shift, scale = (self.last_modulation[None] + time_BC[:, None]).chunk(2, dim=1)
        noise_BTD: Tensor = self.tokens_out(self.norm(x_BTC) * (1 + scale) + shift)
        return noise_BTD
