"""Which parts make which batch: a pure function of (seed, step, rank, world).

Parts are drawn from an endless stream: a shuffle of all of them, then another, and so on. Batch
after batch is cut off it, and of a batch each rank takes its share. Place p of the stream hangs on
the seed and p alone, so a run that goes on from step n sees what it would have seen, in the middle
of an epoch or at its end, with any number of loader workers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from math import ceil
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Sampler


class Draw(NamedTuple):
    """A part, and the place in the stream that it was drawn for: the seed of its random points."""

    part: int
    place: int


class Stream:
    """The endless stream of parts.

    Args:
        count: parts that there are, at least one.
        seed: of the shuffles.
    """

    def __init__(self, count: int, *, seed: int) -> None:
        assert count > 0
        self.count = count
        self.seed = seed
        self._shuffle = lru_cache(maxsize=2)(self._make_shuffle)

    def _make_shuffle(self, epoch: int) -> NDArray[np.int64]:
        return np.random.default_rng([self.seed, epoch]).permutation(self.count)

    def __getitem__(self, place: int) -> Draw:
        epoch, position = divmod(place, self.count)
        return Draw(int(self._shuffle(epoch)[position]), place)


class StepBatches(Sampler[list[Draw]]):
    """Batches for training, from the step that `clock` names onwards, without end.

    `len` is the number of batches of an epoch, rounded up; the trainer ends an epoch after as many.

    Args:
        stream: of all parts.
        batch_size: parts of one rank.
        rank: of `world`.
        clock: the steps that have been done, asked when an iteration starts.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        batch_size: int,
        clock: Callable[[], int],
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.stream = stream
        self.batch_size = batch_size
        self.rank = rank
        self.world = world
        self.clock = clock

    def batch(self, step: int) -> list[Draw]:
        """The rank's share of the batch of `step`."""
        start = (step * self.world + self.rank) * self.batch_size
        return [self.stream[place] for place in range(start, start + self.batch_size)]

    def __iter__(self) -> Iterator[list[Draw]]:
        step = self.clock()
        while True:
            yield self.batch(step)
            step += 1

    def __len__(self) -> int:
        return ceil(self.stream.count / (self.batch_size * self.world))


class EveryPartOnce(Sampler[list[Draw]]):
    """Batches for validation: each part once, in order, shared out over the ranks.

    If there are fewer parts than ranks, some ranks repeat one.
    """

    def __init__(self, count: int, *, batch_size: int, rank: int = 0, world: int = 1) -> None:
        # A rank without a batch would keep the others waiting, so it repeats a part.
        self.parts = [place % count for place in range(rank, max(count, rank + 1), world)]
        self.batch_size = batch_size

    def __iter__(self) -> Iterator[list[Draw]]:
        for start in range(0, len(self.parts), self.batch_size):
            yield [Draw(part, part) for part in self.parts[start : start + self.batch_size]]

    def __len__(self) -> int:
        return ceil(len(self.parts) / self.batch_size)
