"""How far guidance has been switched on: the size of the layers that start at 0."""

from __future__ import annotations

from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback

GROUPS = {
    "exchange_to_geometry": ("model.exchanges.", ".to_geometry.zero.weight"),
    "exchange_to_images": ("model.exchanges.", ".to_images.zero.weight"),
    "boxes": ("model.geometry.boxes.", ".zero.weight"),
    "control": ("model.images.control.zeros.", ".weight"),
}
"""Name in logs -> beginning and end of the names of weights."""


class ZeroLayers(Callback):
    """Logs `zero/…`: the norm of these layers, by what they add (exchange, boxes, control)."""

    @torch.no_grad()
    def on_train_batch_end(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Look at the weights, as often as anything is logged."""
        del outputs, batch, batch_idx
        if trainer.global_step % trainer.log_every_n_steps:  # type: ignore[attr-defined]
            return
        for name, (start, end) in GROUPS.items():
            norms = [
                weight.norm()
                for own, weight in pl_module.named_parameters()
                if own.startswith(start) and own.endswith(end)
            ]
            if norms:
                pl_module.log(f"zero/{name}", torch.stack(norms).norm())
