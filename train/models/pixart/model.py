"""PixArt-alpha's denoiser in parts that a joint denoiser can run one by one.

Shape suffixes: B branches, V views of one, D channels of an image latent, H W its sides, L tokens
of a view, N = V L, M text tokens, E channels of a text feature, C width.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from train.models.dit.attention import Attend
from train.models.pixart.block import ImageBlock
from train.models.pixart.config import PixArtConfig
from train.models.pixart.scopes import Views

# What is added to scores of text tokens that are not there, as the network was trained.
_UNSEEN = -10_000.0


class ImageDenoiser(nn.Module):
    """The noise in image latents, from a time and text.

    Args:
        network: a `diffusers.PixArtTransformer2DModel`. Its layers are taken over, not copied, and
            keep their names, so that the state is that of a published checkpoint.
        checkpoint_blocks: keep only the inputs of blocks for the backward pass.
    """

    def __init__(self, network: Any, *, checkpoint_blocks: bool = False) -> None:
        super().__init__()
        if network.use_additional_conditions:
            raise ValueError(
                "the PixArt network asks for a resolution and an aspect ratio, as the one for 1024"
                " pixels does; take the one for 256 or 512 pixels"
            )
        self.config = _config_of(network)
        self.checkpoint_blocks = checkpoint_blocks
        self.pos_embed = network.pos_embed
        self.adaln_single = network.adaln_single
        self.caption_projection = network.caption_projection
        self.transformer_blocks = nn.ModuleList(
            ImageBlock(block) for block in network.transformer_blocks
        )
        self.norm_out = network.norm_out
        self.scale_shift_table = network.scale_shift_table
        self.proj_out = network.proj_out

    @classmethod
    def new(cls, config: PixArtConfig, *, checkpoint_blocks: bool = False) -> ImageDenoiser:
        """A network with weights from torch's default generator."""
        from diffusers.models.transformers.pixart_transformer_2d import PixArtTransformer2DModel

        return cls(
            PixArtTransformer2DModel(**config.arguments()), checkpoint_blocks=checkpoint_blocks
        )

    def forward(
        self, x_BVDHW: Tensor, *, timesteps_B: Tensor, text_BME: Tensor, mask_BM: Tensor
    ) -> Tensor:
        """(B, V, D, H, W) the predicted noise; views do not see each other.

        Args:
            x_BVDHW: noisy image latents.
            timesteps_B: int64, 0 to 999.
            text_BME: features of each branch's text.
            mask_BM: bool, which of them are text.
        """
        x_BNC = self.tokens(x_BVDHW)
        modulation_B6C, time_BC = self.modulate(timesteps_B, x_BNC.dtype)
        context_BMC = self.caption_projection(text_BME)
        mask = self.mask(mask_BM, x_BNC.dtype)
        scope: Attend = Views(x_BVDHW.shape[1])
        for block in self.transformer_blocks:
            if self.checkpoint_blocks and torch.is_grad_enabled():
                x_BNC = checkpoint(
                    block,
                    *(x_BNC, context_BMC, modulation_B6C),
                    mask=mask,
                    scope=scope,
                    use_reentrant=False,
                )
            else:
                x_BNC = block(x_BNC, context_BMC, modulation_B6C, mask=mask, scope=scope)
        return self.finish(x_BNC, time_BC, shape=x_BVDHW.shape)

    def tokens(self, x_BVDHW: Tensor) -> Tensor:
        """(B, N, C) patches with their positions, view after view."""
        branches = x_BVDHW.shape[0]
        patches: Tensor = self.pos_embed(x_BVDHW.flatten(0, 1))
        return patches.reshape(branches, -1, patches.shape[-1])

    def modulate(self, timesteps_B: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """(B, 6, C) what all blocks are modulated by, and (B, C) what the last layer is."""
        modulation, time_BC = self.adaln_single(
            timesteps_B, None, batch_size=timesteps_B.shape[0], hidden_dtype=dtype
        )
        return modulation.unflatten(-1, (6, -1)), time_BC

    def mask(self, mask_BM: Tensor, dtype: torch.dtype) -> Tensor:
        """(B, 1, 1, M) what is added to the scores of text tokens."""
        return ((1 - mask_BM.to(dtype)) * _UNSEEN)[:, None, None]

    def finish(self, x_BNC: Tensor, time_BC: Tensor, *, shape: torch.Size) -> Tensor:
        """(B, V, D, H, W) the noise that the last block's tokens say; the variance is left out."""
        branches, views, channels, height, width = shape
        patch = self.config.patch_size
        table = self.scale_shift_table[None] + time_BC[:, None]
        shift, scale = table.chunk(2, dim=1)
        patches: Tensor = self.proj_out(self.norm_out(x_BNC) * (1 + scale) + shift)
        pixels = patches.reshape(branches, views, height // patch, width // patch, patch, patch, -1)
        latents = pixels.permute(0, 1, 6, 2, 4, 3, 5).reshape(branches, views, -1, height, width)
        return latents[:, :, :channels]


def _config_of(network: Any) -> PixArtConfig:
    config = network.config
    return PixArtConfig(
        layers=config.num_layers,
        heads=config.num_attention_heads,
        head_width=config.attention_head_dim,
        latent_channels=config.in_channels,
        patch_size=config.patch_size,
        sample_size=config.sample_size,
        text_width=config.caption_channels,
    )
