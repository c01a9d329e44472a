"""The average of the weights over time, which is what gets validated and published."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.strategies import FSDPStrategy, ModelParallelStrategy
from lightning.pytorch.utilities import rank_zero_info
from torch import Tensor

from partworks.errors import UsageError
from train.callbacks.averaging import MovingAverage
from train.callbacks.folders import run_folder
from train.models.external.files import write_tensors
from train.models.external.formats import FORMATS
from train.models.external.load import save_checkpoint
from train.models.vecset.model import VecSetAutoencoder

NAME = "average"
"""Stem of the exported files."""


class WeightAverage(Callback):
    """Keeps an exponential moving average of the trainable weights (TRELLIS, section 3.4: 0.9999).

    It is updated after each step of the optimiser, kept in checkpoints beside the weights, put in
    their place for validation, and written to the run's folder when training ends: all weights of
    the module under their own names as `average.safetensors`, and those of `module.model` as
    `average.<format>.safetensors` for other programs. Buffers and frozen weights are the module's.

    Args:
        decay: what is kept of the average at a step, once warm.
        warmup: at step n no more than (1 + n) / (warmup + n) is kept; 1 for no warm-up.
        validate: put the average in place of the weights for validation.
        export: write the files.
        export_format: one of `train.models.external.formats.FORMATS`.

    Raises:
        UsageError: a value lies outside its range, weights are sharded, or the network has weights
            that the format has no place for.
    """

    def __init__(
        self,
        *,
        decay: float = 0.9999,
        warmup: float = 10.0,
        validate: bool = True,
        export: bool = True,
        export_format: str | None = None,
    ) -> None:
        if not 0 <= decay < 1:
            raise UsageError(f"the average's decay is {decay}, expected 0 to less than 1")
        if warmup < 1:
            raise UsageError(f"the average's warmup is {warmup}, expected 1 or more")
        if export_format is not None and export_format not in FORMATS:
            raise UsageError(
                f"the average's export_format is {export_format!r}, expected one of "
                f"{', '.join(FORMATS)}"
            )
        self.decay = decay
        self.warmup = warmup
        self.validate = validate
        self.export = export
        self.export_format = export_format
        self.average: MovingAverage | None = None
        self._restored: dict[str, Any] = {}
        self._step = 0
        self._aside: dict[str, Tensor] | None = None

    def setup(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, stage: str
    ) -> None:
        """Refuse what cannot work, before any time is spent."""
        if isinstance(trainer.strategy, FSDPStrategy | ModelParallelStrategy):
            raise UsageError(
                "the average of weights needs whole weights on every device, and the strategy "
                f"{type(trainer.strategy).__name__} shards them; train with ddp, or take "
                "WeightAverage out of trainer.callbacks"
            )
        if stage == "fit" and self.export and self.export_format is not None:
            _check_format(pl_module, self.export_format)

    def on_fit_start(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """Start from the weights, or go on from a checkpoint."""
        self._step = trainer.global_step
        self._begin(pl_module)

    def on_train_batch_end(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Follow the weights, if the optimiser has moved."""
        del outputs, batch, batch_idx
        if trainer.global_step == self._step:
            return
        self._step = trainer.global_step
        self._ready.update(trainable(pl_module))

    def on_validation_start(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """Put the average in place; outside of `fit` only a checkpoint has one."""
        if self.average is None and self._restored:
            self._begin(pl_module)
        if self.validate and self.average is not None and not trainer.sanity_checking:
            self._aside = exchange(pl_module, self.average.values)

    def on_validation_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """Put the weights back."""
        del trainer
        self._put_back(pl_module)

    def on_exception(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        exception: BaseException,
    ) -> None:
        """Put the weights back, so that whoever saves now saves these."""
        del trainer, exception
        self._put_back(pl_module)

    def on_train_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """Write the average for use elsewhere."""
        if not self.export or trainer.fast_dev_run:  # type: ignore[attr-defined]
            return
        folder = run_folder(trainer)
        if trainer.is_global_zero:
            with self.in_place(pl_module):
                _export(pl_module, folder, format_name=self.export_format)
            rank_zero_info(f"the average of {self._ready.updates} steps lies in {folder}")

    @contextmanager
    def in_place(self, module: lightning.LightningModule) -> Iterator[None]:
        """The module has the average for weights, for a while."""
        aside = exchange(module, self._ready.values)
        try:
            yield
        finally:
            exchange(module, aside)

    def state_dict(self) -> dict[str, Any]:
        """The average by parameter name, and how many updates made it."""
        if self.average is None:
            return {}
        return {"updates": self.average.updates, "values": self.average.values}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Remember a state until the weights are where they will be."""
        self._restored = state_dict

    @property
    def _ready(self) -> MovingAverage:
        assert self.average is not None, "no fit has started"
        return self.average

    def _begin(self, module: lightning.LightningModule) -> None:
        tensors = trainable(module)
        self.average = MovingAverage(tensors, decay=self.decay, warmup=self.warmup)
        restored, self._restored = self._restored, {}
        if not restored:
            return
        if restored["values"].keys() != tensors.keys():
            different = sorted(restored["values"].keys() ^ tensors.keys())
            raise UsageError(
                f"the checkpoint has an average of other weights; {len(different)} differ, such as "
                f"{different[0]}. Train the same weights as before, or start anew"
            )
        for name, value in restored["values"].items():
            self.average.values[name].copy_(value)
        self.average.updates = int(restored["updates"])

    def _put_back(self, module: lightning.LightningModule) -> None:
        if self._aside is not None:
            exchange(module, self._aside)
            self._aside = None


def trainable(module: lightning.LightningModule) -> dict[str, Tensor]:
    """The weights that are trained, by name."""
    return {
        name: parameter for name, parameter in module.named_parameters() if parameter.requires_grad
    }


@torch.no_grad()
def exchange(module: lightning.LightningModule, values: dict[str, Tensor]) -> dict[str, Tensor]:
    """Give parameters other values; returns those that they had, which can be given back."""
    parameters = dict(module.named_parameters())
    before = {name: parameters[name].detach().clone() for name in values}
    for name, value in values.items():
        parameters[name].copy_(value)
    return before


def _check_format(module: lightning.LightningModule, format_name: str) -> None:
    model = getattr(module, "model", None)
    if not isinstance(model, VecSetAutoencoder):
        raise UsageError(
            f"export_format {format_name} is for VecSet autoencoders, and the module's network is "
            f"a {type(model).__name__}; remove export_format"
        )
    keys = FORMATS[format_name].keys(model.config)
    mapped = {key for entry in keys.entries for key in entry.ours}
    if odd := sorted(mapped ^ model.state_dict().keys()):
        raise UsageError(
            f"export_format {format_name} has no place for {len(odd)} tensors, such as {odd[0]}; "
            "remove export_format: average.safetensors has all weights"
        )


def _export(module: lightning.LightningModule, folder: Path, *, format_name: str | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_tensors(folder / f"{NAME}.safetensors", dict(module.state_dict()))
    if format_name is not None:
        assert isinstance(module.model, VecSetAutoencoder)
        path = folder / f"{NAME}.{format_name}.safetensors"
        save_checkpoint(module.model, path, format_name=format_name)
