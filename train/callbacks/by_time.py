"""Where in the times of diffusion errors lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor

BINS = 10


class ErrorsByTime(Callback):
    """Logs `time/…`: the mean error in each tenth of the times, since it was last logged.

    A loss over all times hides that some get worse; TRELLIS' trainer logs its loss like this. The
    module's `training_step` gives a dict with `shares` (B,) in 0…1, the share of the times that
    each item was drawn at, on the CPU, and `errors`, name -> (B,). A tenth that did not occur is
    not logged. Of several ranks the first one's items count.
    """

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}
        self._counts = torch.zeros(BINS)

    def on_train_batch_end(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Add the batch, and log what there is when anything is logged."""
        del pl_module, batch, batch_idx
        self._add(outputs)
        if trainer.global_step % trainer.log_every_n_steps == 0:  # type: ignore[attr-defined]
            found = self._means()
            for logger in trainer.loggers:
                # What `log` is given stays there until it is given anew, and would be repeated.
                logger.log_metrics(found, step=trainer.global_step - 1)

    def _add(self, outputs: Mapping[str, Any]) -> None:
        rows = (outputs["shares"] * BINS).long().clamp(max=BINS - 1)
        self._counts += torch.bincount(rows, minlength=BINS)
        for name, error_B in outputs["errors"].items():
            values = error_B.detach().float()
            sums = self._sums.setdefault(name, torch.zeros(BINS, device=values.device))
            for row, value in zip(rows.tolist(), values, strict=True):
                sums[row] += value

    def _means(self) -> dict[str, float]:
        counts = self._counts.tolist()
        found = {
            f"time/{name}_{number}": total / counts[number]
            for name, sums in self._sums.items()
            for number, total in enumerate(sums.tolist())
            if counts[number]
        }
        self._sums, self._counts = {}, torch.zeros(BINS)
        return found
