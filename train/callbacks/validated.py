"""A picture of the first batch of validations, whatever it shows."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import lightning
from lightning.pytorch.callbacks import Callback
from typing_extensions import override

from partworks.errors import UsageError
from train.callbacks.folders import run_folder
from train.loggers import log_picture

FOLDER = "pictures"


class ValidationPicture(Callback):
    """Draws the first batch of each validation, or of every so many.

    Pictures lie in the run's folder, and go to TensorBoard or W&B.

    Args:
        every_n_validations: 1 for each.

    Attributes:
        prefix: of the files' names, before the step.
        logged_as: name in loggers.
        shows: protocol of the modules that have something to show.
        lacks: what other modules do not do.
    """

    prefix: ClassVar[str]
    logged_as: ClassVar[str]
    shows: ClassVar[type]
    lacks: ClassVar[str]

    def __init__(self, *, every_n_validations: int) -> None:
        if every_n_validations < 1:
            raise UsageError(
                f"every_n_validations of {type(self).__name__} is {every_n_validations}, expected "
                "at least 1"
            )
        self.every_n_validations = every_n_validations
        self._validations = 0

    @abstractmethod
    def picture(self, module: lightning.LightningModule, batch: dict[str, Any]) -> bytes:
        """A PNG of the first items of a batch."""

    def setup(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, stage: str
    ) -> None:
        """Refuse modules that have nothing to show."""
        del trainer, stage
        if not isinstance(pl_module, self.shows):
            raise UsageError(
                f"{type(pl_module).__name__} {self.lacks}; take {type(self).__name__} out of "
                "trainer.callbacks"
            )

    def on_validation_start(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """Count."""
        del pl_module
        self._validations += not trainer.sanity_checking

    @override
    def on_validation_batch_end(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Draw the first batch, while the network that is validated is in place."""
        del outputs
        due = self._validations % self.every_n_validations == 0
        if trainer.sanity_checking or batch_idx or dataloader_idx or not due:
            return
        path = run_folder(trainer) / FOLDER / f"{self.prefix}step={trainer.global_step:08d}.png"
        # Sharded networks answer only if all ranks ask.
        drawn = self.picture(pl_module, batch)
        if trainer.is_global_zero:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(drawn)
            log_picture(trainer, self.logged_as, path=path)

    def state_dict(self) -> dict[str, Any]:
        """How many validations there were."""
        return {"validations": self._validations}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on counting."""
        self._validations = int(state_dict["validations"])
