"""Lightning's trainer with the further things that this project does with a trained module."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning
from typing_extensions import override

from train.data import PartDataModule
from train.encode.command import encode
from train.encode.config import DEFAULTS, EncodeConfig


class Trainer(lightning.Trainer):
    """Each method is a command of `python -m train`.

    Checkpoints are read without running anything that they hold, unless one says otherwise.
    """

    @override
    def fit(
        self,
        model: lightning.LightningModule,
        train_dataloaders: Any = None,
        val_dataloaders: Any = None,
        datamodule: lightning.LightningDataModule | None = None,
        ckpt_path: str | Path | None = None,
        weights_only: bool | None = True,
    ) -> None:
        """Train.

        Args:
            model: what is trained.
            train_dataloaders: in place of `datamodule`.
            val_dataloaders: in place of `datamodule`.
            datamodule: gives the batches.
            ckpt_path: a checkpoint to go on from; `last` is the newest of this run's folder.
            weights_only: read tensors and plain values from it and nothing else. A checkpoint that
                holds more could run code; set this to false only where you trust it.
        """
        super().fit(
            model,
            train_dataloaders,
            val_dataloaders,
            datamodule,
            ckpt_path=ckpt_path,
            weights_only=weights_only,
        )

    @override
    def validate(
        self,
        model: lightning.LightningModule | None = None,
        dataloaders: Any = None,
        ckpt_path: str | Path | None = None,
        verbose: bool = True,
        datamodule: lightning.LightningDataModule | None = None,
        weights_only: bool | None = True,
    ) -> list[Mapping[str, float]]:
        """Measure what has been trained.

        Args:
            model: what is measured.
            dataloaders: in place of `datamodule`.
            ckpt_path: a checkpoint; of one with an average of the weights that is taken, if
                `WeightAverage` is among the callbacks.
            verbose: print the means.
            datamodule: gives the batches.
            weights_only: as for `fit`.

        Returns:
            The means of each loader by name.
        """
        return super().validate(
            model,
            dataloaders,
            ckpt_path=ckpt_path,
            verbose=verbose,
            datamodule=datamodule,
            weights_only=weights_only,
        )

    def encode(
        self,
        model: lightning.LightningModule,
        datamodule: PartDataModule,
        *,
        output: str,
        ckpt_path: str | None = None,
        weights_only: bool | None = None,
        settings: EncodeConfig = DEFAULTS,
    ) -> None:
        """Write the latents of a whole training set as shards; see `train.encode.command.encode`.

        Args:
            model: has a `VecSetAutoencoder` as `model.model`.
            datamodule: names the training set.
            output: a folder of its own, or any fsspec URL.
            ckpt_path: of `fit`, or an exported `average.safetensors`; without one, the weights are
                those that the config starts from.
            weights_only: without effect; a run's `config.yaml` has it. No code in a file is run.
            settings: what is encoded, and how.
        """
        del weights_only
        encode(self, model, datamodule, output=output, ckpt_path=ckpt_path, settings=settings)
