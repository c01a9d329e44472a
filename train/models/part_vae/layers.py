"""The layers of a VecSet transformer.

Shape suffixes: B parts of a batch, N tokens that ask, M tokens that are asked, C width, H heads,
E width of a head, P points.
"""

from __future__ import annotations

from math import sqrt

import torch
from torch import Tensor, nn
from torch.nn import functional


class FourierFeatures(nn.Module):
    """A point, and the sines and cosines of its coordinates at doubling frequencies.

    Frequencies are 1, 2, 4, … without π, as the CraftsMan VAE has them.
    """

    def __init__(self, frequencies: int) -> None:
        super().__init__()
        self.width = 3 * (1 + 2 * frequencies)
        self.register_buffer("scales", 2.0 ** torch.arange(frequencies), persistent=False)

    def forward(self, points_BP3: Tensor) -> Tensor:
        """(B, P, `width`) features."""
        scales = self.get_buffer("scales")
        angles = (points_BP3[..., None] * scales).flatten(-2)
        return torch.cat([points_BP3, angles.sin(), angles.cos()], dim=-1)


class Attention(nn.Module):
    """Multi-head attention without masks."""

    def __init__(self, width: int, *, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_kv = nn.Linear(width, 2 * width, bias=False)
        self.to_out = nn.Linear(width, width)

    def forward(self, x_BNC: Tensor, context_BMC: Tensor) -> Tensor:
        """(B, N, C) what each of the N tokens learns from the M."""
        q_BHNE = self._split(self.to_q(x_BNC))
        k_BMC, v_BMC = self.to_kv(context_BMC).chunk(2, dim=-1)
        out_BHNE = functional.scaled_dot_product_attention(
            q_BHNE, self._split(k_BMC), self._split(v_BMC)
        )
        out: Tensor = self.to_out(out_BHNE.transpose(1, 2).flatten(-2))
        return out

    def _split(self, x_BNC: Tensor) -> Tensor:
        batch, tokens, width = x_BNC.shape
        shape = (batch, tokens, self.heads, width // self.heads)
        return x_BNC.reshape(shape).transpose(1, 2)


class Block(nn.Module):
    """A residual pre-norm block: attention, then an MLP.

    Args:
        cross: ask another set of tokens, which gets a norm of its own, instead of one's own set.
    """

    def __init__(self, width: int, *, heads: int, cross: bool = False) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.norm_context = nn.LayerNorm(width) if cross else None
        self.attention = Attention(width, heads=heads)
        self.mlp = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )
        self._initialise(0.25 / sqrt(width))

    def _initialise(self, deviation: float) -> None:
        """Start small, so that a block begins near the identity, as in the CraftsMan VAE."""
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, std=deviation)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)

    def forward(self, x_BNC: Tensor, context_BMC: Tensor | None = None) -> Tensor:
        """(B, N, C) the tokens, renewed; `context_BMC` is for a cross block alone."""
        asked = self.norm(x_BNC)
        if self.norm_context is not None:
            assert context_BMC is not None
            context = self.norm_context(context_BMC)
        else:
            context = asked
        x_BNC = x_BNC + self.attention(asked, context)
        out: Tensor = x_BNC + self.mlp(x_BNC)
        return out
