"""Loaders over the objects of a set of latents."""

from __future__ import annotations

import dataclasses
from typing import Any

from partworks.errors import UsageError
from shards.reader import Draw, OnDamage, ShardIndex
from train.denoiser.dataset import LatentDataset, LatentOptions
from train.denoiser.reading import Wanted
from train.denoiser.sample import collate
from train.shapes import TRAINING, VALIDATION
from train.stepwise import StepwiseDataModule


class LatentDataModule(StepwiseDataModule):
    """Loaders over objects whose latents `python -m train encode` has written.

    A batch is a function of (seed, step, rank): which objects, which of their parts, in which
    order. Boxes are those that were encoded, and moved ones where there are (`box_variants`).

    Args:
        root: the folder that `encode` wrote: a path or any fsspec URL.
        split: trained on.
        val_split: validated on. A `fit` does without if the split has no objects.
        batch_size: objects of one device. CoPart trains with one.
        parts: of an object at a time; of more, so many are drawn in each step, large ones more
            often.
        whole: the object as one is a branch too (CoPart, section 3.2.2).
        boxes: read what the denoisers are told of boxes.
        geometry: read latents of geometry.
        images: read latents of views.
        seed: of the order of objects and of their parts.
        num_workers: loader processes; 0 loads in the training process.
        cache_objects: decoded objects that a loader process keeps.
        on_damage: what becomes of objects that cannot be read: `skip` logs their shard and key and
            takes the next sound one, `raise` stops.
    """

    def __init__(
        self,
        root: str,
        *,
        split: str = "train",
        val_split: str = "val",
        batch_size: int = 1,
        parts: int = 8,
        whole: bool = True,
        boxes: bool = True,
        geometry: bool = True,
        images: bool = True,
        seed: int = 0,
        num_workers: int = 0,
        cache_objects: int = 64,
        on_damage: OnDamage = "skip",
    ) -> None:
        super().__init__(
            splits=(split, val_split),
            batch_size=batch_size,
            seed=seed,
            num_workers=num_workers,
            collate=collate,
        )
        for name, value in (("batch_size", batch_size), ("parts", parts)):
            if value < 1:
                raise UsageError(f"--data.{name} is {value}, expected at least 1")
        if not geometry and not images:
            raise UsageError("--data.geometry and --data.images are both false; set one to true")
        self.root = root
        self.options = LatentOptions(
            wanted=Wanted(geometry=geometry, images=images, boxes=boxes, whole=whole),
            most_parts=parts,
            seed=seed,
        )
        self.cache_objects = cache_objects
        self.on_damage: OnDamage = on_damage
        self._index: ShardIndex | None = None
        self._datasets: dict[tuple[str, int], LatentDataset] = {}

    def setup(self, stage: str) -> None:
        """Read the index; ShardsNotFoundError says what to do where there is none."""
        self._index = self._index or ShardIndex(self.root)
        needed = self.splits[1] if stage == "validate" else self.splits[0]
        dataset = self.dataset(needed, phase=VALIDATION if stage == "validate" else TRAINING)
        if not len(dataset):
            raise UsageError(
                f"the latents at {self._index.url} have no objects in split {needed!r}; there are "
                f"{', '.join(self._index.splits()) or 'none at all'}. Choose one with --data.split "
                "or --data.val_split"
            )
        dataset.check()

    def dataset(self, split: str, *, phase: int) -> LatentDataset:
        """The objects of a split."""
        assert self._index is not None, "call setup first"
        if (split, phase) not in self._datasets:
            self._datasets[split, phase] = LatentDataset(
                self._index,
                split=split,
                options=dataclasses.replace(self.options, phase=phase),
                cache_objects=self.cache_objects,
                on_damage=self.on_damage,
            )
        return self._datasets[split, phase]

    def sizes(self) -> dict[str, int]:
        """Channels of the latents and texts of the first object, by what has them."""
        first = self.dataset(self.splits[0], phase=VALIDATION)[Draw(0, 0)]
        found = {"text channels": first.null_text.shape[-1]}
        if first.geometry is not None:
            found["geometry channels"] = first.geometry.shape[-1]
        if first.images is not None:
            found["image channels"] = first.images.shape[-3]
        return found

    def state_dict(self) -> dict[str, Any]:
        """What batches hang on besides the trainer's step."""
        return {**super().state_dict(), "parts": self.options.most_parts}
