"""What becomes of damaged samples: raise, or take the next sound one and keep account of it.

A sample that is skipped is always replaced, so that the number of samples of an epoch, and with it
the number of steps of every rank, hangs on the index alone.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Literal, TypeVar

from shards.reader.errors import DamagedSampleError

OnDamage = Literal["raise", "skip"]

_LOGGER = logging.getLogger("shards.reader")

Place = TypeVar("Place")
Sample = TypeVar("Sample")


class DamageLog:
    """The account of damaged samples.

    Each is logged once, as a warning of the logger `shards.reader`. Loader workers are processes:
    each has an account of its own, and what it logs appears beside what the others do.

    Args:
        callback: called with every damage that is met; it has to be picklable where loader workers
            are spawned.

    Attributes:
        counts: (shard, sample) -> how often it was met.
    """

    def __init__(self, callback: Callable[[DamagedSampleError], None] | None = None) -> None:
        self.callback = callback
        self.counts: Counter[tuple[str, str]] = Counter()

    def add(self, damage: DamagedSampleError) -> None:
        """Count a damage, log it if it is new, and pass it on."""
        known = (damage.shard, damage.sample) in self.counts
        self.counts[damage.shard, damage.sample] += 1
        if not known:
            _LOGGER.warning("%s. Another sample takes its place", damage)
        if self.callback is not None:
            self.callback(damage)


def first_sound(
    places: Iterable[Place],
    read: Callable[[Place], Sample],
    *,
    on_damage: OnDamage,
    log: DamageLog,
) -> Sample:
    """What `read` makes of the first of `places` that is sound.

    Raises:
        DamagedSampleError: of the first place if damage is not to be skipped, of the last one if
            there is no sound one.
    """
    last: DamagedSampleError | None = None
    for place in places:
        try:
            return read(place)
        except DamagedSampleError as damage:
            if on_damage == "raise":
                raise
            log.add(damage)
            last = damage
    assert last is not None, "no place to read"
    raise last
