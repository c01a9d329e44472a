"""Loaders over the shapes of a training set."""

from __future__ import annotations

import dataclasses

from partworks.errors import UsageError
from shards.reader import OnDamage, ShardIndex
from train.queries import QueryConfig
from train.samples import FrameName, collate
from train.shapes import TRAINING, VALIDATION, ShapeDataset, ShapeOptions
from train.stepwise import StepwiseDataModule


class PartDataModule(StepwiseDataModule):
    """Loaders over the parts of a training set, and over its whole objects.

    Args:
        root: a dataset root or its `shards` folder: a path or any fsspec URL.
        queries: how points are drawn.
        split: trained on.
        val_split: validated on. A `fit` does without if the split has no objects.
        batch_size: items of one device.
        frame: `part`, in which each part spans [-1, 1], or `object`, whose coordinates CoPart's
            latents keep.
        wholes: whole objects are items too.
        rotate: turn items of training at random (AutoPartGen, section 4.1).
        meshes: items bring their triangles, to be rendered or measured against.
        trusted_only: train on shapes whose sign is known alone; others are replaced, and counted in
            `train/stand_in`. Without it they count in losses of what is rendered, and not in those
            of the field.
        limit: train and validate on the first so many items alone, to learn them by heart.
        least_solid: of these, leave out what fills less of the cube around it than this share.
        seed: of the order of items and of their random points.
        num_workers: loader processes; 0 loads in the training process.
        cache_objects: decoded objects that a loader process keeps.
        on_damage: what becomes of objects that cannot be read: `skip` logs their shard and key and
            takes the next sound one, `raise` stops.
    """

    def __init__(
        self,
        root: str,
        *,
        queries: QueryConfig,
        split: str = "train",
        val_split: str = "val",
        batch_size: int = 16,
        frame: FrameName = "part",
        wholes: bool = False,
        rotate: bool = False,
        meshes: bool = False,
        trusted_only: bool = True,
        limit: int | None = None,
        least_solid: float = 0.0,
        seed: int = 0,
        num_workers: int = 0,
        cache_objects: int = 16,
        on_damage: OnDamage = "skip",
    ) -> None:
        super().__init__(
            splits=(split, val_split),
            batch_size=batch_size,
            seed=seed,
            num_workers=num_workers,
            collate=collate,
        )
        for name, value in (("batch_size", batch_size), ("limit", limit)):
            if value is not None and value < 1:
                raise UsageError(f"--data.{name} is {value}, expected at least 1")
        if limit is None and least_solid > 0:
            raise UsageError("--data.least_solid is for a few items; set --data.limit too")
        self.root = root
        self.options = ShapeOptions(
            queries=queries,
            frame=frame,
            wholes=wholes,
            rotate=rotate,
            meshes=meshes,
            trusted_only=trusted_only,
            limit=limit,
            least_solid=least_solid,
            seed=seed,
        )
        self.cache_objects = cache_objects
        self.on_damage: OnDamage = on_damage
        self._index: ShardIndex | None = None
        self._datasets: dict[tuple[str, int], ShapeDataset] = {}

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
        dataset = self.dataset(needed, phase=VALIDATION if stage == "validate" else TRAINING)
        dataset.check()
        if not len(dataset):
            raise UsageError(
                f"none of the items of split {needed!r} is left; lower --data.least_solid, or set "
                "--data.trusted_only false"
            )

    def dataset(self, split: str, *, phase: int) -> ShapeDataset:
        """The items of a split; those of validation are upright, and none stands in for another."""
        assert self._index is not None, "call setup first"
        if (split, phase) not in self._datasets:
            rotate = self.options.rotate and phase == TRAINING
            self._datasets[split, phase] = ShapeDataset(
                self._index,
                split=split,
                options=dataclasses.replace(self.options, phase=phase, rotate=rotate),
                cache_objects=self.cache_objects,
                on_damage=self.on_damage,
            )
        return self._datasets[split, phase]
