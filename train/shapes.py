"""The shapes of a split, for training: one item is one part, or one whole object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from partworks.errors import UsageError
from shards.reader import DamageLog, Draw, OnDamage, ShardIndex, first_sound
from train.queries import QueryConfig
from train.samples import WHOLE, Batch, FrameName, StoredObject, choose_frame, make_item

TRAINING, VALIDATION = 0, 1
"""Words of the seeds that keep the random points of the two apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeOptions:
    """What items are made of.

    Attributes:
        queries: how points are drawn.
        frame: each shape's own, or the object's.
        wholes: whole objects are items too, each behind its parts.
        rotate: turn every shape at random, and make it fit again.
        meshes: items have their triangles.
        trusted_only: where the sign of a shape is not known, another one takes its place.
        limit: the first so many items alone; with `trusted_only` those whose sign is known.
        least_solid: of these, leave out what fills less of the cube around it than this share: on
            64³ cells, the overlap of sheets and rods says little.
        phase: `TRAINING` or `VALIDATION`.
        seed: of all that is random.
    """

    queries: QueryConfig
    frame: FrameName = "part"
    wholes: bool = False
    rotate: bool = False
    meshes: bool = False
    trusted_only: bool = True
    limit: int | None = None
    least_solid: float = 0.0
    phase: int = TRAINING
    seed: int = 0

    @property
    def members(self) -> tuple[str, ...]:
        """What is read of a sample."""
        wanted = {"field.npz": self.queries.count > 0, "mesh.npz": self.meshes}
        return ("json", "points.npz", *(name for name, needed in wanted.items() if needed))

    @property
    def signs_only(self) -> bool:
        """Whether shapes without signs are of no use."""
        return self.trusted_only and self.queries.count > 0

    @property
    def replaces(self) -> bool:
        """Whether others take their places; what is measured is never replaced."""
        return self.signs_only and self.phase == TRAINING


class ShapeDataset(Dataset[Batch]):
    """The shapes of one split, with random access.

    An item is asked for by a `Draw`: its item says which, its place seeds what is random. A shape
    of a damaged object is replaced by one of the next sound object, and, if the options say so, one
    without signs by the next that has them, so that every rank has as many steps as it would have.

    Args:
        cache_objects: decoded objects that a process keeps.
        on_damage: `skip` a damaged object, or `raise` DamagedSampleError.
    """

    def __init__(
        self,
        index: ShardIndex,
        *,
        split: str,
        options: ShapeOptions,
        cache_objects: int,
        on_damage: OnDamage = "skip",
    ) -> None:
        self.index = index
        self.options = options
        self.keys = index.keys(split)
        counts = [index.part_count(key) + options.wholes for key in self.keys]
        self.starts: NDArray[np.int64] = np.cumsum([0, *counts])
        self.on_damage: OnDamage = on_damage
        self.damage = DamageLog()
        self._cache_objects = cache_objects
        self._cache: dict[str, StoredObject] = {}
        self._chosen = None if options.limit is None else self._choose(options.limit)

    def __len__(self) -> int:
        return int(self.starts[-1]) if self._chosen is None else len(self._chosen)

    def __getitem__(self, draw: Draw) -> Batch:
        """An item as `train.samples` describes it."""
        row, number = self._locate(draw.item)
        stored, part = self._find(row, number)
        options = self.options
        generator = np.random.default_rng([options.seed, options.phase, draw.place])
        shape = stored.shape(part)
        frame = choose_frame(shape, options.frame, rotate=options.rotate, generator=generator)
        return {
            **make_item(shape, frame=frame, queries=options.queries, generator=generator),
            "place": torch.tensor(draw.place),
            "key": stored.key,
            "part": torch.tensor(part),
            "stand_in": torch.tensor((stored.key, part) != self.name(draw.item)),
        }

    def name(self, item: int) -> tuple[str, int]:
        """Key and part of an item, the whole being `WHOLE`."""
        row, number = self._locate(item)
        return self.keys[row], self._part(row, number)

    def check(self) -> None:
        """Raise UsageError if the first object has not what the options want."""
        if not len(self):
            return
        there = self.index.members(self.keys[0])
        missing = [name for name in self.options.members if name not in there]
        if missing:
            raise UsageError(
                f"the shards at {self.index.url} have no {' and no '.join(missing)}; run the "
                "shards stage with the preset copart, or do without: --data.queries.count 0 reads "
                "no field.npz, --data.meshes false no mesh.npz"
            )
        found = self._first(self._rows_from(0))
        assert found is not None
        points, queries = found[1].points, self.options.queries
        have = {
            "surface": points.part_surface.shape[1],
            "sharp": 0 if points.part_sharp is None else points.part_sharp.shape[1],
        }
        for name, count in have.items():
            if count < getattr(queries, name):
                raise UsageError(
                    f"--data.queries.{name} is {getattr(queries, name)}, but the shards at "
                    f"{self.index.url} have {count} such points a part; ask for fewer, or set "
                    f"--shards.points.{'part' if name == 'surface' else 'sharp'}_points"
                )

    def _locate(self, item: int) -> tuple[int, int]:
        """The row of an item's object, and its number there."""
        if self._chosen is not None:
            return self._chosen[item]
        row = int(np.searchsorted(self.starts, item, side="right")) - 1
        return row, item - int(self.starts[row])

    def _choose(self, limit: int) -> list[tuple[int, int]]:
        """Rows and numbers of the first items that the options want."""
        chosen: list[tuple[int, int]] = []
        rows = iter(range(len(self.keys)))
        while len(chosen) < limit and (found := self._first(rows)) is not None:
            row, stored = found
            for number in range(int(self.starts[row + 1] - self.starts[row])):
                part = self._part(row, number)
                known = stored.is_trusted(part) or not self.options.signs_only
                if known and stored.solid(part) >= self.options.least_solid:
                    chosen.append((row, number))
        return chosen[:limit]

    def _find(self, row: int, number: int) -> tuple[StoredObject, int]:
        """The shape that is asked for, or the one that takes its place."""
        rows = self._rows_from(row)
        while (found := self._first(rows)) is not None:
            at, stored = found
            count = int(self.starts[at + 1] - self.starts[at])
            # An object that stands in for another may have fewer items.
            parts = (self._part(at, (number + more) % count) for more in range(count))
            for part in parts:
                if stored.is_trusted(part) or not self.options.replaces:
                    return stored, part
        raise UsageError(
            f"no shape of the shards at {self.index.url} has a sign that can be trusted; set "
            "--data.trusted_only false to train on what is rendered"
        )

    def _first(self, rows: Iterator[int]) -> tuple[int, StoredObject] | None:
        """The first sound object of those that are left, None if none is left."""
        for row in rows:
            return first_sound(
                chain([row], rows), self._read, on_damage=self.on_damage, log=self.damage
            )
        return None

    def _rows_from(self, row: int) -> Iterator[int]:
        """Rows that have items, each once, from one of them on."""
        count = len(self.keys)
        rows = (number % count for number in range(row, row + count))
        return (number for number in rows if self.starts[number] < self.starts[number + 1])

    def _part(self, row: int, number: int) -> int:
        return WHOLE if number == self.index.part_count(self.keys[row]) else number

    def _read(self, row: int) -> tuple[int, StoredObject]:
        key = self.keys[row]
        if key not in self._cache:
            members = self.index.decode(key, self.options.members)
            while self._cache and len(self._cache) >= self._cache_objects:
                self._cache.pop(next(iter(self._cache)))
            self._cache[key] = StoredObject.of(key, members)
        return row, self._cache[key]
