"""How a network is spread over several devices, where Lightning's own names do not say it."""

from __future__ import annotations

from typing import Any

from lightning.pytorch.strategies import FSDPStrategy

from train.models.vecset.blocks import Block


class ShardedBlocks(FSDPStrategy):
    """Fully sharded data parallel (Zhao et al. 2023) with each transformer block as a unit.

    A network of 184 M weights needs 2.9 GB with gradients and AdamW's moments, which fits on any
    device that is worth training on, and `ddp` is then faster. This is for larger ones. Averages of
    weights are refused, gradients are clipped by `guard.clip_norm`, and blocks save memory by
    `network.checkpoint_blocks` as everywhere.

    Args:
        settings: of `lightning.pytorch.strategies.FSDPStrategy`, such as `sharding_strategy`.
    """

    def __init__(self, **settings: Any) -> None:
        # Some weights may be frozen, and the guard asks for gradients under their own names.
        super().__init__(auto_wrap_policy={Block}, use_orig_params=True, **settings)
