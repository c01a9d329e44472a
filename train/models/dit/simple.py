"""The denoiser of CraftsMan's first release (`simple-denoiser`).

Shape suffixes: B sequences, T latent tokens, D channels of one, M condition tokens, N tokens of all
kinds, C width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from train.models.dit.config import SimpleDenoiserConfig
from train.models.dit.time import time_features
from train.models.vecset.blocks import MLP, Block, initialise_blocks, run_block
from train.models.vecset.config import BlockConfig


class Merge(nn.Module):
    """A step up: the skip and the tokens become one again."""

    def __init__(self, config: SimpleDenoiserConfig) -> None:
        super().__init__()
        self.layer = nn.Linear(2 * config.width, config.width)
        self.norm = nn.LayerNorm(config.width) if config.skip_norm else nn.Identity()

    def forward(self, skip_BNC: Tensor, x_BNC: Tensor) -> Tensor:
        """(B, N, C)."""
        merged: Tensor = self.norm(self.layer(torch.cat([skip_BNC, x_BNC], dim=-1)))
        return merged


class SimpleDenoiser(nn.Module):
    """A U-shaped transformer on the time, the condition and the latents as one sequence."""

    def __init__(self, config: SimpleDenoiserConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.time = MLP(width, kind="gelu")
        self.condition_norm = (
            nn.LayerNorm(config.condition_width) if config.condition_norm else nn.Identity()
        )
        self.condition_in = nn.Linear(config.condition_width, width)
        self.tokens_in = nn.Linear(config.latent_dim, width)
        self.down = nn.ModuleList(self._block() for _ in range(config.layers))
        self.middle = self._block()
        self.merges = nn.ModuleList(Merge(config) for _ in range(config.layers))
        self.up = nn.ModuleList(self._block() for _ in range(config.layers))
        self.norm = nn.LayerNorm(width)
        self.tokens_out = nn.Linear(width, config.latent_dim)
        initialise_blocks(self, width)

    def forward(self, x_BTD: Tensor, *, timesteps_B: Tensor, condition_BMF: Tensor) -> Tensor:
        """(B, T, D) the predicted noise."""
        features = time_features(
            timesteps_B, self.config.width, cosines_first=self.config.cosines_first
        )
        time_BC = self.time(features.to(x_BTD.dtype))
        condition_BMC = self.condition_in(self.condition_norm(condition_BMF))
        x_BNC = torch.cat([time_BC[:, None], condition_BMC, self.tokens_in(x_BTD)], dim=1)
        skips = []
        for block in self.down:
            x_BNC = self._run(block, x_BNC)
            skips.append(x_BNC)
        x_BNC = self._run(self.middle, x_BNC)
        for merge, block in zip(self.merges, self.up, strict=True):
            x_BNC = self._run(block, merge(skips.pop(), x_BNC))
        noise_BTD: Tensor = self.tokens_out(self.norm(x_BNC)[:, -x_BTD.shape[1] :])
        return noise_BTD

    def _block(self) -> Block:
        return Block(self.config.width, heads=self.config.heads, style=BlockConfig())

    def _run(self, block: nn.Module, x_BNC: Tensor) -> Tensor:
        return run_block(block, x_BNC, save_memory=self.config.checkpoint_blocks)
