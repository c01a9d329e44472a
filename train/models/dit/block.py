"""The block of a diffusion transformer with one modulation for all blocks (adaLN-single).

PixArt-alpha (Chen et al. 2023), section 2.3, as CraftsMan has it: with an exact GELU, learned gains
of the norms and cross-attention that is neither normalised nor gated.

Shape suffixes: B sequences, N latent tokens, M condition tokens, C width.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import torch
from torch import Tensor, nn

from train.models.dit.attention import Attend, Attention
from train.models.dit.config import DiTConfig
from train.models.vecset.blocks import MLP

NORM_EPS = 1e-6
_INIT_SCALE = 0.25


class DiTBlock(nn.Module):
    """Self-attention, cross-attention and MLP."""

    def __init__(self, config: DiTConfig) -> None:
        super().__init__()
        width = config.width
        self.modulation = nn.Parameter(torch.randn(6, width) / sqrt(width))
        self.norm = make_norm(config, width, eps=NORM_EPS)
        self.attention = Attention(width, heads=config.heads, bias=config.qkv_bias)
        self.cross = Attention(width, heads=config.heads, bias=config.qkv_bias)
        self.norm_mlp = make_norm(config, width, eps=NORM_EPS)
        self.mlp = MLP(width, kind="gelu")

    def forward(
        self,
        x_BNC: Tensor,
        context_BMC: Tensor,
        modulation_B6C: Tensor,
        *,
        mask: Tensor | None = None,
        scope: Attend | None = None,
        between: Callable[[Tensor], Tensor] | None = None,
    ) -> Tensor:
        """(B, N, C) the tokens, renewed.

        Args:
            modulation_B6C: shift, scale and gate of the attention, then of the MLP.
            mask: of the condition tokens; see `train.models.dit.attention.attend`.
            scope: of the self-attention, where it is wider than a sequence.
            between: what is added to the tokens between the two attentions.
        """
        shift, scale, gate, shift_mlp, scale_mlp, gate_mlp = (
            self.modulation[None] + modulation_B6C
        ).chunk(6, dim=1)
        asked = self.norm(x_BNC) * (1 + scale) + shift
        x_BNC = x_BNC + gate * self.attention(asked, scope=scope)
        if between is not None:
            x_BNC = x_BNC + between(x_BNC)
        x_BNC = x_BNC + self.cross(x_BNC, context_BMC, mask=mask)
        out_BNC: Tensor = x_BNC + gate_mlp * self.mlp(
            self.norm_mlp(x_BNC) * (1 + scale_mlp) + shift_mlp
        )
        return out_BNC


def make_norm(config: DiTConfig, width: int, *, eps: float | None) -> nn.Module:
    """The norm that the network is built with; an `eps` of None is the smallest of the dtype."""
    if config.norm == "rms":
        return nn.RMSNorm(width, eps=eps)
    return nn.LayerNorm(width, eps=1e-5 if eps is None else eps)


def initialise_block(block: DiTBlock) -> None:
    """Make a block the identity, as CraftsMan does: what it adds to the tokens is 0.

    Weights are drawn from torch's default generator.
    """
    width = block.modulation.shape[-1]
    for layer in block.modules():
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=_INIT_SCALE / sqrt(width))
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    for last in (block.attention.to_out, block.cross.to_out, block.mlp.narrow):
        nn.init.zeros_(last.weight)
