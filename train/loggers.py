"""Where numbers and pictures of a run go beside its folder."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import lightning
import numpy as np
from lightning.pytorch.loggers import TensorBoardLogger, WandbLogger
from PIL import Image

from partworks.errors import UsageError


class WeightsAndBiases(WandbLogger):
    """Lightning's logger for Weights & Biases, which is not installed with this project.

    It sends what is logged to a server unless it is told `offline`, as it is here by default;
    `wandb sync` sends it later.

    Args:
        offline: keep everything on this machine.
        settings: all others of `lightning.pytorch.loggers.WandbLogger`, such as `project`.

    Raises:
        UsageError: wandb is not installed.
    """

    def __init__(self, *, offline: bool = True, **settings: Any) -> None:
        if find_spec("wandb") is None:
            raise UsageError(
                "the logger for Weights & Biases needs the package wandb, which is not installed; "
                "install it into this environment, or log to TensorBoard with --config "
                "train/configs/trainer/tensorboard.yaml"
            )
        super().__init__(offline=offline, **settings)


def log_picture(trainer: lightning.Trainer, name: str, *, path: Path) -> None:
    """Give a PNG file to those of the trainer's loggers that show pictures."""
    step = trainer.global_step
    for logger in trainer.loggers:
        if isinstance(logger, TensorBoardLogger):
            with Image.open(path) as picture:
                pixels = np.asarray(picture.convert("RGB"))
            logger.experiment.add_image(name, pixels, step, dataformats="HWC")
        elif isinstance(logger, WandbLogger):
            logger.log_image(name, [str(path)], step=step)
