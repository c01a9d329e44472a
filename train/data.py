"""Parts out of the shards, for training: one item is one part."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import lightning
import numpy as np
import torch
from lightning.pytorch.utilities import rank_zero_info
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from partworks.errors import UsageError
from shards.reader import Points, ShardIndex, decode_points
from train.batches import Draw, EveryPartOnce, StepBatches, Stream
from train.queries import QueryConfig, draw_queries, normalise

TRAINING, VALIDATION = 0, 1
"""Words of the seeds that keep the random points of the two apart."""


class PartDataset(Dataset[dict[str, Tensor]]):
    """The parts of one split, with random access.

    An item is asked for by a `Draw`: its part says which, its place seeds the random points.

    Args:
        phase: `TRAINING` or `VALIDATION`.
        cache_objects: decoded objects that a process keeps.
    """

    def __init__(
        self,
        index: ShardIndex,
        *,
        split: str,
        queries: QueryConfig,
        seed: int,
        phase: int,
        cache_objects: int,
    ) -> None:
        self.index = index
        self.queries = queries
        self.seed = seed
        self.phase = phase
        self.keys = index.keys(split)
        counts = [index.part_count(key) for key in self.keys]
        self.starts: NDArray[np.int64] = np.cumsum([0, *counts])
        self._cache_objects = cache_objects
        self._cache: dict[str, Points] = {}

    def __len__(self) -> int:
        return int(self.starts[-1])

    def __getitem__(self, draw: Draw) -> dict[str, Tensor]:
        """`surface` (S, 6), `queries` (Q, 3) and `distance` (Q,), float32, normalised units."""
        row = int(np.searchsorted(self.starts, draw.part, side="right")) - 1
        part = draw.part - int(self.starts[row])
        points = self._points(self.keys[row])
        surface = normalise(points.part_surface[part], points.part_box[part])
        generator = np.random.default_rng([self.seed, self.phase, draw.place])
        arrays = draw_queries(surface, self.queries, generator=generator)
        return {name: torch.from_numpy(array) for name, array in arrays.items()}

    def _points(self, key: str) -> Points:
        if key not in self._cache:
            content = self.index.read(key, ["points.npz"])["points.npz"]
            while self._cache and len(self._cache) >= self._cache_objects:
                self._cache.pop(next(iter(self._cache)))
            self._cache[key] = decode_points(content)
        return self._cache[key]


class PartDataModule(lightning.LightningDataModule):
    """Loaders over the parts of a training set.

    Args:
        root: a dataset root or its `shards` folder: a path or any fsspec URL.
        queries: how points are drawn.
        split: trained on.
        val_split: validated on. A `fit` does without if the split has no objects.
        batch_size: parts of one device.
        seed: of the order of parts and of their random points.
        num_workers: loader processes; 0 loads in the training process.
        cache_objects: decoded objects that a loader process keeps.
    """

    def __init__(
        self,
        root: str,
        *,
        queries: QueryConfig,
        split: str = "train",
        val_split: str = "val",
        batch_size: int = 16,
        seed: int = 0,
        num_workers: int = 0,
        cache_objects: int = 64,
    ) -> None:
        super().__init__()
        if batch_size < 1:
            raise UsageError(f"--data.batch_size is {batch_size}, expected at least 1")
        self.root = root
        self.splits = (split, val_split)
        self.batch_size = batch_size
        self.queries = queries
        self.seed = seed
        self.num_workers = num_workers
        self.cache_objects = cache_objects
        self._index: ShardIndex | None = None
        self._resumed_from: dict[str, Any] = {}

    def setup(self, stage: str) -> None:
        """Read the index; ShardsNotFoundError says what to do where there is none."""
        self._index = self._index or ShardIndex(self.root)
        needed = self.splits[1] if stage == "validate" else self.splits[0]
        if not self._index.keys(needed):
            raise UsageError(
                f"the shards at {self._index.url} have no objects in split {needed!r}; there are "
                f"{', '.join(self._index.splits()) or 'none at all'}. Choose one with --data.split "
                "or --data.val_split, or change the shares of the shards stage"
            )

    def train_dataloader(self) -> DataLoader[dict[str, Tensor]]:
        """Batches from the trainer's step onwards."""
        dataset = self._dataset(self.splits[0], phase=TRAINING)
        self._check_resume(len(dataset))
        batches = StepBatches(
            Stream(len(dataset), seed=self.seed),
            batch_size=self.batch_size,
            clock=self._batches_done,
            **self._place(),
        )
        return self._loader(dataset, batches)

    def val_dataloader(self) -> DataLoader[dict[str, Tensor]] | Sequence[Any]:
        """Every part of the validation split once, with the same points every time."""
        dataset = self._dataset(self.splits[1], phase=VALIDATION)
        if not len(dataset):
            rank_zero_info(f"no objects in split {self.splits[1]!r}: training without validation")
            return []
        batches = EveryPartOnce(len(dataset), batch_size=self.batch_size, **self._place())
        return self._loader(dataset, batches)

    def state_dict(self) -> dict[str, Any]:
        """What the order of parts hangs on besides the trainer's step."""
        count = len(self._dataset(self.splits[0], phase=TRAINING))
        world = self._place()["world"]
        return {"seed": self.seed, "batch_size": self.batch_size, "world": world, "parts": count}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Remember what the checkpoint's run had, to be compared when training starts."""
        self._resumed_from = dict(state_dict)

    def _check_resume(self, parts: int) -> None:
        now = {**self.state_dict(), "parts": parts}
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

    def _dataset(self, split: str, *, phase: int) -> PartDataset:
        assert self._index is not None
        return PartDataset(
            self._index,
            split=split,
            queries=self.queries,
            seed=self.seed,
            phase=phase,
            cache_objects=self.cache_objects,
        )

    def _loader(
        self, dataset: PartDataset, batches: StepBatches | EveryPartOnce
    ) -> DataLoader[dict[str, Tensor]]:
        return DataLoader(
            dataset,
            batch_sampler=batches,
            num_workers=self.num_workers,
            persistent_workers=self.num_workers > 0,
            pin_memory=torch.cuda.is_available(),
        )
