"""AdamW with a linear warm-up and a cosine decay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, pi
from typing import Any

from torch.nn import Parameter
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR


@dataclass(frozen=True, slots=True, kw_only=True)
class AdamWConfig:
    """The optimiser and its schedule.

    Attributes:
        lr: learning rate after the warm-up.
        weight_decay: decoupled.
        beta1: decay of the mean of gradients.
        beta2: decay of the mean of their squares.
        warmup_steps: steps from zero to `lr`.
        schedule_steps: steps from the start until `final_share` of `lr` is reached. It is given
            here and not taken from the trainer, so that a run may be stopped and go on.
        final_share: what is left of `lr` at the end.
    """

    lr: float = 1e-4
    weight_decay: float = 0.01
    beta1: float = 0.9
    beta2: float = 0.99
    warmup_steps: int = 1000
    schedule_steps: int = 100_000
    final_share: float = 0.05

    def __post_init__(self) -> None:
        if not 0 <= self.warmup_steps < self.schedule_steps:
            raise ValueError(
                f"optimizer.warmup_steps is {self.warmup_steps}, expected 0 to less than "
                f"schedule_steps, {self.schedule_steps}"
            )


def lr_share(step: int, config: AdamWConfig) -> float:
    """The share of `lr` at a step, counted from zero; the first step is not wasted on none."""
    if step < config.warmup_steps:
        return (step + 1) / (config.warmup_steps + 1)
    progress = (step - config.warmup_steps) / (config.schedule_steps - config.warmup_steps)
    decay = (1 + cos(pi * min(progress, 1.0))) / 2
    return config.final_share + (1 - config.final_share) * decay


def make_optimizer(
    parameters: Iterable[Parameter] | Iterable[dict[str, Any]], config: AdamWConfig
) -> dict[str, Any]:
    """What `LightningModule.configure_optimizers` returns.

    Args:
        parameters: what is trained, or groups of it with `params` and an `lr` of their own, which
            follows the same schedule.
    """
    optimizer = AdamW(
        parameters,
        lr=config.lr,
        betas=(config.beta1, config.beta2),
        weight_decay=config.weight_decay,
    )
    schedule = LambdaLR(optimizer, lambda step: lr_share(step, config))
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}
