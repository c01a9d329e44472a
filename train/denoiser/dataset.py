"""The objects of a split as latents, with random access."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from shards.reader import DamageLog, Draw, OnDamage, ShardIndex, first_sound
from train.denoiser.reading import StoredLatents, Wanted, check_members
from train.denoiser.sample import ObjectLatents
from train.denoiser.selection import choose_parts, parts_in_order
from train.models.vecset.posterior import LOGVAR_RANGE
from train.shapes import TRAINING


@dataclass(frozen=True, slots=True, kw_only=True)
class LatentOptions:
    """What items are made of.

    Attributes:
        wanted: what is read.
        most_parts: parts of an object at a time.
        phase: `TRAINING` draws parts and latents, `VALIDATION` takes the first and the means.
        seed: of all that is random.
    """

    wanted: Wanted
    most_parts: int = 8
    phase: int = TRAINING
    seed: int = 0


class LatentDataset(Dataset[ObjectLatents]):
    """See above; an item is asked for by a `Draw`, whose place seeds what is random.

    A damaged object is replaced by the next sound one.

    Args:
        cache_objects: decoded objects that a process keeps.
        on_damage: `skip` a damaged object, or `raise` DamagedSampleError.
    """

    def __init__(
        self,
        index: ShardIndex,
        *,
        split: str,
        options: LatentOptions,
        cache_objects: int,
        on_damage: OnDamage = "skip",
    ) -> None:
        self.index = index
        self.options = options
        self.keys = tuple(key for key in index.keys(split) if index.part_count(key))
        self.on_damage: OnDamage = on_damage
        self.damage = DamageLog()
        self._cache_objects = cache_objects
        self._cache: dict[str, StoredLatents] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, draw: Draw) -> ObjectLatents:
        stored = first_sound(
            self._keys_from(draw.item), self._read, on_damage=self.on_damage, log=self.damage
        )
        options = self.options
        generator = np.random.default_rng([options.seed, options.phase, draw.place])
        if options.phase == TRAINING:
            parts = choose_parts(stored.levels, most=options.most_parts, generator=generator)
        else:
            parts = parts_in_order(stored.part_count, most=options.most_parts)
        rows = torch.from_numpy(parts)
        if options.wanted.whole:
            rows = torch.cat([rows, torch.tensor([stored.part_count])])
        return ObjectLatents(
            key=stored.key,
            place=draw.place,
            geometry=self._geometry(stored, rows, generator),
            images=None if stored.images is None else stored.images[rows],
            image_known=None if stored.image_known is None else stored.image_known[rows],
            text=tuple(stored.text[row] for row in rows.tolist()),
            null_text=stored.text[-1],
            boxes=self._boxes(stored, torch.from_numpy(parts), generator),
            box_images=stored.box_images,
            has_global=options.wanted.whole,
        )

    def check(self) -> None:
        """Raise UsageError if the first object has not what is wanted."""
        check_members(self.index, self.keys[0], wanted=self.options.wanted)
        self._read(self.keys[0])

    def _geometry(
        self, stored: StoredLatents, rows: Tensor, generator: np.random.Generator
    ) -> Tensor | None:
        """In training a draw from the posterior, where its variance is known, else the mean."""
        if stored.geometry is None:
            return None
        mean = stored.geometry[rows]
        if stored.logvar is None or self.options.phase != TRAINING:
            return mean
        noise = torch.from_numpy(generator.standard_normal(mean.shape, np.float32))
        return mean + noise * (stored.logvar[rows].clamp(*LOGVAR_RANGE) / 2).exp()

    def _boxes(
        self, stored: StoredLatents, parts: Tensor, generator: np.random.Generator
    ) -> Tensor | None:
        """As they are, or in training as often each of what they were moved to."""
        if stored.boxes is None or stored.box_variants is None or self.options.phase != TRAINING:
            return None if stored.boxes is None else stored.boxes[parts]
        every = torch.cat([stored.boxes[None], stored.box_variants])
        chosen = torch.from_numpy(generator.integers(len(every), size=len(parts)))
        return every[chosen, parts]

    def _read(self, key: str) -> StoredLatents:
        if key not in self._cache:
            wanted = self.options.wanted
            members = self.index.decode(key, wanted.members)
            while self._cache and len(self._cache) >= self._cache_objects:
                self._cache.pop(next(iter(self._cache)))
            self._cache[key] = StoredLatents.of(key, members, wanted=wanted)
        return self._cache[key]

    def _keys_from(self, row: int) -> Iterator[str]:
        """All keys, each once, from one of them on."""
        return (self.keys[number % len(self.keys)] for number in range(row, row + len(self.keys)))
