"""A split as a sequence of samples: the map-style view, for loaders that choose the order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shards.reader.batches import Draw
from shards.reader.damage import DamageLog, OnDamage, first_sound
from shards.reader.index import ShardIndex


class ShardDataset:
    """A split as a sequence of samples, in the order of the shards, with random access.

    An item maps `__key__` to the key and each member to its bytes, as webdataset has it, or to its
    value. It is asked for by its number, or by the `Draw` of a batch sampler, and has then also
    `__place__`, which seeds what is random about it.

    A damaged sample is replaced by the next sound one in the order of the shards, so that an epoch
    has as many steps as it would have had.

    Args:
        split: whose samples.
        members: names and patterns (`object.*.webp`) of the members that an item holds.
        decode: give values, as `decode_member` makes them, rather than bytes.
        on_damage: `skip` a damaged sample, or `raise` DamagedSampleError.
        log: the account of damaged samples; by default one of its own.
    """

    def __init__(
        self,
        index: ShardIndex,
        *,
        split: str,
        members: Sequence[str],
        decode: bool = False,
        on_damage: OnDamage = "skip",
        log: DamageLog | None = None,
    ) -> None:
        self.index = index
        self.keys = index.keys(split)
        self.members = tuple(members)
        self.decode = decode
        self.on_damage: OnDamage = on_damage
        self.damage = log or DamageLog()

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, item: int | Draw) -> dict[str, Any]:
        number = item.item if isinstance(item, Draw) else range(len(self))[item]
        others = ((number + more) % len(self) for more in range(len(self)))
        sample = first_sound(others, self._read, on_damage=self.on_damage, log=self.damage)
        return {**sample, "__place__": item.place} if isinstance(item, Draw) else sample

    def _read(self, number: int) -> dict[str, Any]:
        key = self.keys[number]
        read = self.index.decode if self.decode else self.index.read
        return {"__key__": key, **read(key, self.members)}
