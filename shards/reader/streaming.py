"""A split as a stream: shard after shard, shared out over ranks and workers.

Every rank and every worker reads a run of samples in the order of the shards of an epoch, and mixes
those that lie near one another. So few shards are read at a time, and no sample is lost or read
twice, whatever the numbers of shards, ranks and workers. Which samples come in which order is a
function of (seed, epoch, rank, worker) and the index, not of what has been read; therefore a stream
can go on in mid-epoch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shards.reader.damage import DamageLog, OnDamage, first_sound
from shards.reader.errors import DamagedSampleError
from shards.reader.index import ShardIndex
from shards.reader.states import check_same

READ_AHEAD = 8
"""Samples of a store that are asked for at once."""

Content = dict[str, bytes] | DamagedSampleError


class ShardStream:
    """The samples of a split for one rank and worker; see `stream` for what the settings mean."""

    def __init__(
        self,
        index: ShardIndex,
        *,
        split: str,
        members: Sequence[str],
        decode: bool,
        seed: int | None,
        epoch: int,
        rank: int,
        world: int,
        worker: int,
        workers: int,
        buffer: int,
        equal: bool,
        on_damage: OnDamage,
        log: DamageLog,
    ) -> None:
        assert 0 <= rank < world
        assert 0 <= worker < workers
        self.index = index
        self.keys = index.keys(split)
        self.members = tuple(members)
        self.decode = decode
        self.seed = seed
        self.epoch = epoch
        self.rank, self.world = rank, world
        self.worker, self.workers = worker, workers
        self.buffer = buffer
        self.equal = equal
        self.on_damage: OnDamage = on_damage
        self.damage = log
        shards = [index.shard(key) for key in self.keys]
        self._shard_starts = [
            row for row, name in enumerate(shards) if not row or name != shards[row - 1]
        ]
        self._batches = self._batch_size = 0

    def set_epoch(self, epoch: int) -> None:
        """Start another epoch with the next iteration; call it before workers are started."""
        self.epoch = epoch
        self._batches = self._batch_size = 0

    def state_dict(self, *, batches: int, batch_size: int) -> dict[str, Any]:
        """What to go on with after a loader gave so many batches, which the loop counts."""
        return {**self._identity(), "batches": batches, "batch_size": batch_size}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on behind the batches of `state`, with the batch size and workers that it had.

        Raises:
            ValueError: if the data, seed or number of ranks differ.
        """
        check_same(state, {**self._identity(), "epoch": state["epoch"]})
        self.epoch = int(state["epoch"])
        self._batches, self._batch_size = int(state["batches"]), int(state["batch_size"])

    def count(self) -> int:
        """Samples of this rank in an epoch, over all of its workers."""
        return len(self._rank_share())

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return self._samples(self.worker, self.workers, batches=self._batches)

    def _samples(self, worker: int, workers: int, *, batches: int) -> Iterator[dict[str, Any]]:
        """What a worker of this rank has behind its first `batches`."""
        done = batches * self._batch_size
        share = np.array_split(self._rank_share(), workers)[worker]
        order = islice(self._order(len(share), worker), done, None)
        ahead = 1 if self.index.is_local else READ_AHEAD
        while numbers := list(islice(order, ahead)):
            keys = [self.keys[share[number]] for number in numbers]
            contents = self.index.read_many(keys, self.members)
            for number, content in zip(numbers, contents, strict=True):
                yield self._sound(share, number, content)

    def _rank_share(self) -> NDArray[np.int64]:
        """Rows of `keys` that this rank reads, in order."""
        bounds = [*self._shard_starts, len(self.keys)]
        runs = [np.arange(start, stop) for start, stop in pairwise(bounds)]
        if not runs:
            return np.zeros(0, np.int64)
        if self.seed is not None:
            generator = np.random.default_rng([self.seed, self.epoch])
            runs = [runs[number] for number in generator.permutation(len(runs))]
        rows = np.concatenate(runs)
        share: NDArray[np.int64] = np.array_split(rows, self.world)[self.rank]
        if self.equal and len(share) * self.world < len(rows):
            repeated = share[:1] if len(share) else rows[self.rank % len(rows)][None]
            share = np.concatenate([share, repeated])
        return share

    def _order(self, count: int, worker: int) -> Iterator[int]:
        """0 … count - 1 in the order in which a shuffle buffer gives them."""
        if self.seed is None or self.buffer < 2:
            yield from range(count)
            return
        generator = np.random.default_rng([self.seed, self.epoch, self.rank, worker])
        held = list(range(min(self.buffer, count)))
        for coming in range(len(held), count):
            slot = int(generator.integers(len(held)))
            yield held[slot]
            held[slot] = coming
        generator.shuffle(held)
        yield from held

    def _sound(self, share: NDArray[np.int64], number: int, content: Content) -> dict[str, Any]:
        """The sample that has been read, or the next sound one of the share."""

        def sample(candidate: int) -> dict[str, Any]:
            key = self.keys[share[candidate]]
            found = content if candidate == number else self.index.read(key, self.members)
            if isinstance(found, DamagedSampleError):
                raise found
            return {"__key__": key, **(self.index.decoded(key, found) if self.decode else found)}

        others = ((number + more) % len(share) for more in range(len(share)))
        return first_sound(others, sample, on_damage=self.on_damage, log=self.damage)

    def _identity(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "epoch": self.epoch,
            "count": len(self.keys),
            "world": self.world,
            "buffer": self.buffer,
        }


def stream(
    url: str | ShardIndex,
    *,
    split: str = "train",
    members: Sequence[str] = ("json", "points.npz"),
    decode: bool = True,
    seed: int | None = 0,
    epoch: int = 0,
    rank: int = 0,
    world: int = 1,
    worker: int = 0,
    workers: int = 1,
    buffer: int = 64,
    equal: bool = False,
    on_damage: OnDamage = "skip",
    log: DamageLog | None = None,
) -> ShardStream:
    """The samples of a split, read shard by shard and decoded where they are read.

    Where torch is installed, the stream is an `IterableDataset`, which takes worker and workers
    from the loader that it is in. An item maps `__key__` to the key and each member to its value.

    A damaged sample is replaced by the next sound one of the same worker, so that the number of
    samples hangs on the index alone.

    Args:
        url: a dataset root or its `shards` folder, or an index of it.
        split: whose samples.
        members: names and patterns (`object.*.webp`) of the members that an item holds.
        decode: give values, as `decode_member` makes them, rather than bytes.
        seed: of the order; None reads in the order of the index.
        epoch: whose order.
        rank: of `world` processes that share the samples of an epoch.
        worker: of `workers` that share those of a rank.
        buffer: samples, one behind another, that a worker draws the next one from; 1 leaves the
            order within a shard as it is. It costs no memory: only the order is drawn beforehand.
        equal: give every rank as many samples, by repeating the first one of those that lack one.
        on_damage: `skip` a damaged sample, or `raise` DamagedSampleError.
        log: the account of damaged samples; by default one of its own.

    Raises:
        ShardsNotFoundError: if there are no shards.
    """
    return _stream_class()(
        ShardIndex(url) if isinstance(url, str) else url,
        split=split,
        members=members,
        decode=decode,
        seed=seed,
        epoch=epoch,
        rank=rank,
        world=world,
        worker=worker,
        workers=workers,
        buffer=buffer,
        equal=equal,
        on_damage=on_damage,
        log=log or DamageLog(),
    )


def _stream_class() -> type[ShardStream]:
    try:
        from shards.reader.loading import LoaderStream
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        return ShardStream
    return LoaderStream
