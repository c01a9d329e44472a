"""Which items make which batch: a pure function of (seed, step, rank, world).

Items are samples, or parts of samples: whatever a data set counts from 0. They are drawn from an
endless sequence: a shuffle of all of them, then another, and so on. Batch after batch is cut off
it, and of a batch each rank takes its share. Place p of the sequence hangs on the seed and p alone,
so a run that goes on from step n sees what it would have seen, in the middle of an epoch or at its
end, with any number of loader workers, and even with another number of ranks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shards.reader.states import check_same


class Draw(NamedTuple):
    """An item, and the place in the sequence that it was drawn for: the seed of its randomness."""

    item: int
    place: int


class Draws:
    """The endless sequence of draws.

    Args:
        count: items that there are, at least one.
        seed: of the shuffles.
    """

    def __init__(self, count: int, *, seed: int) -> None:
        assert count > 0
        self.count = count
        self.seed = seed
        self._epoch = -1
        self._order: NDArray[np.int64] = np.zeros(0, np.int64)

    def __getitem__(self, place: int) -> Draw:
        epoch, position = divmod(place, self.count)
        if epoch != self._epoch:
            self._order = np.random.default_rng([self.seed, epoch]).permutation(self.count)
            self._epoch = epoch
        return Draw(int(self._order[position]), place)


class StepBatches:
    """Batches for training, from the step that `clock` names onwards, without end: a batch sampler.

    `len` is the number of batches of an epoch, rounded up; the trainer ends an epoch after as many.

    Args:
        draws: of all items.
        batch_size: items of one rank.
        rank: of `world`.
        clock: the steps that have been done, asked when an iteration starts. Without one it starts
            where `load_state_dict` says, or at 0.
    """

    def __init__(
        self,
        draws: Draws,
        *,
        batch_size: int,
        clock: Callable[[], int] | None = None,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        assert batch_size > 0
        assert 0 <= rank < world
        self.draws = draws
        self.batch_size = batch_size
        self.rank = rank
        self.world = world
        self.clock = clock
        self._start = 0
        self._origin = 0

    def batch(self, step: int) -> list[Draw]:
        """The rank's share of the batch of `step`."""
        start = self._place(step) + self.rank * self.batch_size
        return [self.draws[place] for place in range(start, start + self.batch_size)]

    def __iter__(self) -> Iterator[list[Draw]]:
        step = self._start if self.clock is None else self.clock()
        while True:
            yield self.batch(step)
            step += 1

    def __len__(self) -> int:
        return ceil(self.draws.count / (self.batch_size * self.world))

    def state_dict(self, *, step: int) -> dict[str, Any]:
        """What to go on with after `step` steps, which the loop counts: workers read ahead."""
        draws = self.draws
        return {
            "seed": draws.seed, "count": draws.count, "step": step, "place": self._place(step)
        }  # fmt: skip

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on behind the last item that the batches of `state` had, none lost, none repeated.

        Batch size and number of ranks may be others than they were.

        Raises:
            ValueError: if seed or count differ, so that the sequence would be another one.
        """
        check_same(state, {"seed": self.draws.seed, "count": self.draws.count})
        self._start = int(state["step"])
        self._origin = int(state["place"]) - self._start * self.world * self.batch_size

    def _place(self, step: int) -> int:
        return self._origin + step * self.world * self.batch_size


class EverySampleOnce:
    """Batches for validation: each item once, in order, shared out over the ranks.

    If there are fewer items than ranks, some ranks repeat one.
    """

    def __init__(self, count: int, *, batch_size: int, rank: int = 0, world: int = 1) -> None:
        # A rank without a batch would keep the others waiting, so it repeats an item.
        self.items = [place % count for place in range(rank, max(count, rank + 1), world)]
        self.count = count
        self.world = world
        self.batch_size = batch_size
        self._start = 0

    def batch(self, step: int) -> list[Draw]:
        """The rank's batch of `step`, none behind the end."""
        start = step * self.batch_size
        return [Draw(item, item) for item in self.items[start : start + self.batch_size]]

    def __iter__(self) -> Iterator[list[Draw]]:
        start, self._start = self._start, 0
        for step in range(start, len(self)):
            yield self.batch(step)

    def __len__(self) -> int:
        return ceil(len(self.items) / self.batch_size)

    def state_dict(self, *, step: int) -> dict[str, Any]:
        """What to go on with after `step` batches, which the loop counts."""
        return {
            "count": self.count, "world": self.world, "batch_size": self.batch_size, "step": step
        }  # fmt: skip

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Start the next iteration, and only that one, behind the batches of `state`.

        Raises:
            ValueError: if count, ranks or batch size differ.
        """
        check_same(state, self.state_dict(step=state["step"]))
        self._start = int(state["step"])
