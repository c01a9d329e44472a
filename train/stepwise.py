"""Loaders whose batches are a function of (seed, step, rank): a run can go on in mid-epoch."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import lightning
import torch
from lightning.pytorch.utilities import rank_zero_info
from torch.utils.data import DataLoader, Dataset

from shards.reader import Draws, EverySampleOnce, StepBatches
from train.shapes import TRAINING, VALIDATION

Batch = dict[str, Any]


class StepwiseDataModule(lightning.LightningDataModule):
    """What data modules of this trainer have in common: order, resuming, loaders.

    Args:
        splits: trained on, and validated on.
        batch_size: items of one device.
        seed: of the order of items.
        num_workers: loader processes; 0 loads in the training process.
        collate: makes a batch of items.
    """

    def __init__(
        self,
        *,
        splits: tuple[str, str],
        batch_size: int,
        seed: int,
        num_workers: int,
        collate: Callable[[Sequence[Any]], Batch],
    ) -> None:
        super().__init__()
        self.splits = splits
        self.batch_size = batch_size
        self.seed = seed
        self.num_workers = num_workers
        self._collate = collate
        self._resumed_from: dict[str, Any] = {}

    @abstractmethod
    def dataset(self, split: str, *, phase: int) -> Dataset[Any]:
        """The items of a split, which know how many they are."""

    def train_dataloader(self) -> DataLoader[Batch]:
        """Batches from the trainer's step onwards."""
        self._check_resume()
        dataset = self.dataset(self.splits[0], phase=TRAINING)
        batches = StepBatches(
            Draws(_count(dataset), seed=self.seed),
            batch_size=self.batch_size,
            clock=self._batches_done,
            **self._place(),
        )
        return self._loader(dataset, batches)

    def val_dataloader(self) -> DataLoader[Batch] | Sequence[Any]:
        """Every item of the validation split once, the same way every time."""
        dataset = self.dataset(self.splits[1], phase=VALIDATION)
        if not _count(dataset):
            rank_zero_info(f"no objects in split {self.splits[1]!r}: training without validation")
            return []
        batches = EverySampleOnce(_count(dataset), batch_size=self.batch_size, **self._place())
        return self._loader(dataset, batches)

    def state_dict(self) -> dict[str, Any]:
        """What batches hang on besides the trainer's step."""
        return {
            "seed": self.seed,
            "batch_size": self.batch_size,
            "world": self._place()["world"],
            "items": _count(self.dataset(self.splits[0], phase=TRAINING)),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Remember what the checkpoint's run had, to be compared when training starts."""
        self._resumed_from = dict(state_dict)

    def _check_resume(self) -> None:
        now = self.state_dict() if self._resumed_from else {}
        changed = [
            f"{name} {before} -> {now.get(name)}"
            for name, before in sorted(self._resumed_from.items())
            if before != now.get(name)
        ]
        if changed:
            warnings.warn(
                f"the checkpoint was made with other data settings ({', '.join(changed)}); "
                "training goes on, but not as it would have",
                stacklevel=2,
            )

    def _batches_done(self) -> int:
        assert self.trainer is not None
        return self.trainer.global_step * self.trainer.accumulate_grad_batches

    def _place(self) -> dict[str, int]:
        if self.trainer is None:
            return {"rank": 0, "world": 1}
        return {"rank": self.trainer.global_rank, "world": self.trainer.world_size}

    def _loader(
        self, dataset: Dataset[Any], batches: StepBatches | EverySampleOnce
    ) -> DataLoader[Batch]:
        return DataLoader(
            dataset,
            batch_sampler=batches,
            collate_fn=self._collate,
            num_workers=self.num_workers,
            persistent_workers=self.num_workers > 0,
            pin_memory=torch.cuda.is_available(),
        )


def _count(dataset: Dataset[Any]) -> int:
    return len(dataset)  # type: ignore[arg-type]
