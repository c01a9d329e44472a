"""Where the files of a run go."""

from __future__ import annotations

from pathlib import Path

import lightning
from lightning.pytorch.callbacks import ModelCheckpoint


def run_folder(trainer: lightning.Trainer) -> Path:
    """The folder of the run's log, without one the trainer's; all ranks have to ask."""
    return Path(trainer.log_dir or trainer.default_root_dir)


def checkpoint_folder(trainer: lightning.Trainer) -> Path:
    """Where checkpoints go: where `ModelCheckpoint` puts them if there is one."""
    folder = run_folder(trainer) / "checkpoints"
    callback = trainer.checkpoint_callback
    if isinstance(callback, ModelCheckpoint) and callback.dirpath is not None:
        return Path(callback.dirpath)
    return folder
