"""Transformer blocks, alone and in stacks.

Shape suffixes: B parts of a batch, N tokens that ask, M tokens that are asked, C width.
"""

from __future__ import annotations

from math import sqrt
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu
from torch.utils.checkpoint import checkpoint

from train.models.vecset.attention import Attention
from train.models.vecset.config import BlockConfig

MLP_FACTOR = 4


class MLP(nn.Module):
    """A layer four times as wide and back; with GEGLU the wide layer has a gate of its width."""

    def __init__(self, width: int, *, kind: Literal["gelu", "geglu"]) -> None:
        super().__init__()
        self.gated = kind == "geglu"
        hidden = MLP_FACTOR * width
        self.widen = nn.Linear(width, 2 * hidden if self.gated else hidden)
        self.narrow = nn.Linear(hidden, width)

    def forward(self, x_BNC: Tensor) -> Tensor:
        """(B, N, C)."""
        hidden = self.widen(x_BNC)
        if self.gated:
            value, gate = hidden.chunk(2, dim=-1)
            hidden = value * gelu(gate)
        else:
            hidden = gelu(hidden)
        out: Tensor = self.narrow(hidden)
        return out


class Block(nn.Module):
    """A residual pre-norm block: attention, then an MLP.

    Args:
        cross: ask another set of tokens, which gets a norm of its own, instead of one's own set.
        bare: the attention with its norms alone, neither residual nor MLP.
    """

    def __init__(
        self,
        width: int,
        *,
        heads: int,
        style: BlockConfig,
        cross: bool = False,
        bare: bool = False,
    ) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, eps=style.norm_eps)
        self.norm_context = nn.LayerNorm(width, eps=style.norm_eps) if cross else None
        self.attention = Attention(width, heads=heads, style=style)
        self.norm_mlp = None if bare else nn.LayerNorm(width, eps=style.norm_eps)
        self.mlp = None if bare else MLP(width, kind=style.mlp)

    def forward(
        self, x_BNC: Tensor, context_BMC: Tensor | None = None, *, double_backward: bool = False
    ) -> Tensor:
        """(B, N, C) the tokens, renewed; `context_BMC` is for a cross block alone."""
        asked_BNC = self.norm(x_BNC)
        assert (context_BMC is None) == (self.norm_context is None)
        context = asked_BNC if self.norm_context is None else self.norm_context(context_BMC)
        learned_BNC: Tensor = self.attention(asked_BNC, context, double_backward=double_backward)
        if self.mlp is None or self.norm_mlp is None:
            return learned_BNC
        x_BNC = x_BNC + learned_BNC
        out_BNC: Tensor = x_BNC + self.mlp(self.norm_mlp(x_BNC))
        return out_BNC


class Stack(nn.ModuleList):
    """Self-attention blocks, one after another.

    Args:
        save_memory: recompute each block in the backward pass.
    """

    def __init__(
        self, layers: int, *, width: int, heads: int, style: BlockConfig, save_memory: bool
    ) -> None:
        super().__init__(Block(width, heads=heads, style=style) for _ in range(layers))
        self.save_memory = save_memory

    def forward(self, x_BNC: Tensor) -> Tensor:
        """(B, N, C) the tokens, renewed."""
        for block in self:
            x_BNC = run_block(block, x_BNC, save_memory=self.save_memory)
        return x_BNC


def run_block(
    block: nn.Module,
    x_BNC: Tensor,
    context_BMC: Tensor | None = None,
    *,
    save_memory: bool,
    double_backward: bool = False,
) -> Tensor:
    """Run a `Block`, with recomputation in the backward pass if there is to be one."""
    if not (save_memory and torch.is_grad_enabled()):
        out: Tensor = block(x_BNC, context_BMC, double_backward=double_backward)
        return out
    saved: Tensor = checkpoint(
        block,
        x_BNC,
        context_BMC,
        use_reentrant=False,
        # Blocks draw nothing.
        preserve_rng_state=False,
        double_backward=double_backward,
    )
    return saved


def initialise_blocks(module: nn.Module, width: int) -> None:
    """Start the layers of all blocks below small, near the identity, as CraftsMan does.

    Weights are drawn from torch's default generator with deviation 0.25 / sqrt(width).
    """
    for block in module.modules():
        if isinstance(block, Block):
            for layer in block.modules():
                if isinstance(layer, nn.Linear):
                    nn.init.normal_(layer.weight, std=0.25 / sqrt(width))
                    if layer.bias is not None:
                        nn.init.zeros_(layer.bias)
