"""Silences what Lightning remarks about choices that are made here on purpose, and nothing else."""

from __future__ import annotations

import logging
import warnings

REMARKS = (
    # Loading in the training process is the default for small data; --data.num_workers changes it.
    r"The '\w+_dataloader' does not have many workers",
    # Several short epochs may lie between two lines of the log.
    r"The number of training batches \(\d+\) is smaller than the logging interval",
    # Loaders are at the right batch of an epoch because they ask for the trainer's step.
    r"You're resuming from a checkpoint that ended before the epoch ended",
    # A run that goes on leaves its checkpoints in a folder of its own.
    r"The dirpath has changed from .* to .*, therefore `best_model_score`",
    # The study measures by itself, what and when it wants to.
    r"You defined a `validation_step` but have no `val_dataloader`",
    # Lightning's own use of torch.
    r"`isinstance\(treespec, LeafSpec\)` is deprecated",
)
"""Patterns of the remarks."""


class _NoTips(logging.Filter):
    """Drops advertisements for services; this project sends nothing anywhere."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "Tip: For seamless" not in record.getMessage()


def silence() -> None:
    """Ignore the remarks listed above, for the rest of the process."""
    for remark in REMARKS:
        warnings.filterwarnings("ignore", message=remark)
    logging.getLogger("lightning.pytorch.utilities.rank_zero").addFilter(_NO_TIPS)


_NO_TIPS = _NoTips()
