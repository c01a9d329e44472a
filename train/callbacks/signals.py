"""What a run does when the machine is needed for something else."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.utilities import rank_zero_info
from lightning.pytorch.utilities.exceptions import SIGTERMException

from partworks.errors import UsageError
from train.callbacks.folders import checkpoint_folder

NAME = "interrupted.ckpt"


class SaveOnSignal(Callback):
    """Saves a checkpoint and ends when a signal comes, as schedulers send before they kill.

    The step that is under way is finished, `interrupted.ckpt` is written beside the other
    checkpoints, and training ends before the next step with Lightning's `SIGTERMException`, for
    which `python -m train` exits with 130. Going on from that checkpoint gives what an
    uninterrupted run would have given, but for a validation that was due just then, which is left
    out. A signal to one rank is a signal to all of them. One that comes during validation waits for
    its end, and further ones change nothing.

    Args:
        names: of the signals.
        every_n_steps: how often ranks ask one another.

    Attributes:
        saved: the path of the checkpoint, once there is one.
    """

    def __init__(self, *, names: tuple[str, ...] = ("SIGTERM",), every_n_steps: int = 1) -> None:
        known = {member.name for member in signal.Signals}
        if unknown := sorted(set(names) - known):
            raise UsageError(f"there is no signal {unknown[0]}; expected such as SIGTERM, SIGUSR1")
        if every_n_steps < 1:
            raise UsageError(f"signals.every_n_steps is {every_n_steps}, expected at least 1")
        self.signals = tuple(signal.Signals[name] for name in names)
        self.every_n_steps = every_n_steps
        self.received = False
        self.saved: str | None = None

    def setup(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, stage: str
    ) -> None:
        """Move behind all others, so that the checkpoint has what they do at the end of a step."""
        del pl_module, stage
        # A new list, since Lightning is walking over the old one.
        others = [callback for callback in trainer.callbacks if callback is not self]  # type: ignore[attr-defined]
        trainer.callbacks = [*others, self]  # type: ignore[attr-defined]

    def on_train_start(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """Take the signals over from Lightning, which would end without a checkpoint."""
        del trainer, pl_module
        if threading.current_thread() is threading.main_thread():
            for number in self.signals:
                # Lightning puts back what was there before, when it ends.
                signal.signal(number, self._receive)

    def on_train_batch_start(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """End before anything of a further step has happened; the last one has been logged."""
        del trainer, pl_module, batch, batch_idx
        self._end()

    def on_validation_start(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """End rather than use up the time that is left."""
        del trainer, pl_module
        self._end()

    def on_train_batch_end(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Save, if a rank has got a signal."""
        del pl_module, outputs, batch
        # Gradients of batches that have not made a step are in no checkpoint.
        stepped = (batch_idx + 1) % trainer.accumulate_grad_batches == 0 or trainer.is_last_batch
        done = trainer.global_step == trainer.max_steps
        if not stepped or done or trainer.global_step % self.every_n_steps:
            return
        if trainer.strategy.reduce_boolean_decision(self.received, all=False):
            path = str(checkpoint_folder(trainer) / NAME)
            trainer.save_checkpoint(path)
            self.saved = path
            rank_zero_info(
                f"stopped by a signal after step {trainer.global_step}; go on with "
                f"--ckpt_path {path}"
            )

    def _receive(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.received = True

    def _end(self) -> None:
        if self.saved is not None:
            raise SIGTERMException
