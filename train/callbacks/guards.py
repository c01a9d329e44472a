"""Keeps numbers that are not finite out of the weights."""

from __future__ import annotations

from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.strategies import FSDPStrategy
from torch import Tensor
from torch.distributed.fsdp import FullyShardedDataParallel
from torch.nn.utils import clip_grads_with_norm_, get_total_norm
from torch.optim import Optimizer

from partworks.errors import UsageError


class NonFiniteGuard(Callback):
    """Skips steps whose loss or gradient is not finite, on all ranks alike, and counts them.

    A skipped step leaves weights and the optimiser's moments as they were, while steps and the
    schedule of learning rates go on, so that batches stay functions of the step. Logged are
    `guard/gradient_norm` before clipping, and `guard/skipped` in all.

    Args:
        clip_norm: shorten gradients to this norm; the trainer's `gradient_clip_val` does the same
            for all strategies but FSDP, with a second pass over them.
        most_in_a_row: after more skipped steps than that, one after the other, training ends.

    Attributes:
        skipped: steps in all.
        in_a_row: steps up to now.

    Raises:
        UsageError: the settings contradict one another, or too many steps were skipped.
    """

    def __init__(self, *, clip_norm: float | None = None, most_in_a_row: int = 20) -> None:
        if clip_norm is not None and not clip_norm > 0:
            raise UsageError(f"guard.clip_norm is {clip_norm}, expected more than 0")
        if most_in_a_row < 0:
            raise UsageError(f"guard.most_in_a_row is {most_in_a_row}, expected 0 or more")
        self.clip_norm = clip_norm
        self.most_in_a_row = most_in_a_row
        self.skipped = 0
        self.in_a_row = 0
        self._sound: Tensor | None = None

    def setup(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, stage: str
    ) -> None:
        """Refuse what cannot work."""
        del pl_module
        if stage != "fit":
            return
        if self.clip_norm is not None and trainer.gradient_clip_val:
            raise UsageError(
                f"guard.clip_norm is {self.clip_norm} and trainer.gradient_clip_val is "
                f"{trainer.gradient_clip_val}; set only one of them"
            )
        if trainer.precision == "16-mixed":
            raise UsageError(
                "trainer.precision is 16-mixed, which scales losses and skips steps by a count of "
                "its own; use bf16-mixed or 32-true"
            )

    def on_before_backward(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, loss: Tensor
    ) -> None:
        """Look at the loss of a batch; several batches may make one step."""
        del trainer, pl_module
        sound = loss.detach().isfinite().all()
        self._sound = sound if self._sound is None else self._sound & sound

    def on_before_optimizer_step(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        optimizer: Optimizer,
    ) -> None:
        """Look at the gradients, and take them away if a number is not finite."""
        norm = self._norm(trainer, optimizer)
        sound = norm.isfinite()
        if self._sound is not None:
            sound, self._sound = sound & self._sound, None
        # Ranks have equal gradients and losses of their own, and must do the same.
        agreed = trainer.strategy.reduce_boolean_decision(bool(sound), all=True)
        if agreed:
            self.in_a_row = 0
            pl_module.log("guard/gradient_norm", norm)
        else:
            self._skip(trainer, optimizer)
        pl_module.log("guard/skipped", float(self.skipped))

    def state_dict(self) -> dict[str, Any]:
        """The counts."""
        return {"skipped": self.skipped, "in_a_row": self.in_a_row}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on counting."""
        self.skipped = int(state_dict["skipped"])
        self.in_a_row = int(state_dict["in_a_row"])

    def _norm(self, trainer: lightning.Trainer, optimizer: Optimizer) -> Tensor:
        """The norm of the gradients before they are clipped to `clip_norm`."""
        limit = self.clip_norm
        model = trainer.strategy.model
        if isinstance(trainer.strategy, FSDPStrategy) and isinstance(
            model, FullyShardedDataParallel
        ):
            # Each rank has a shard of the gradients, and torch knows of which kind.
            return model.clip_grad_norm_(torch.inf if limit is None else limit)
        parameters = [
            parameter for group in optimizer.param_groups for parameter in group["params"]
        ]
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        norm = get_total_norm(gradients)
        if limit is not None:
            clip_grads_with_norm_(parameters, limit, norm)
        return norm

    def _skip(self, trainer: lightning.Trainer, optimizer: Optimizer) -> None:
        # Without gradients an optimiser leaves weights and moments alone, weight decay included.
        optimizer.zero_grad(set_to_none=True)
        self.skipped += 1
        self.in_a_row += 1
        if self.in_a_row > self.most_in_a_row:
            raise UsageError(
                f"{self.in_a_row} steps one after the other, up to step {trainer.global_step}, had "
                "a loss or a gradient that is not finite; go on from an earlier checkpoint with a "
                "lower learning rate, or look at the data of these steps"
            )
