"""Rate limits: a bucket of tokens for each key, filled at a steady rate."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable

MOST_KEYS = 10_000


class Buckets:
    """Thread-safe token buckets, the least recently used forgotten beyond `MOST_KEYS`.

    Args:
        size: tokens of a full bucket.
        per_second: how fast it fills.
        clock: seconds that never fall.
    """

    def __init__(self, size: float, *, per_second: float, clock: Callable[[], float]) -> None:
        self.size = size
        self.per_second = per_second
        self._clock = clock
        self._level: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> int | None:
        """Take one token; none if there was one, else the seconds until there is."""
        with self._lock:
            level = self._filled(key)
            if level < 1:
                return self._wait(level)
            self._put(key, level - 1)
            return None

    def look(self, key: str) -> int | None:
        """`take`, without taking."""
        with self._lock:
            level = self._filled(key)
            return None if level >= 1 else self._wait(level)

    def _filled(self, key: str) -> float:
        level, since = self._level.get(key, (self.size, self._clock()))
        return min(self.size, level + (self._clock() - since) * self.per_second)

    def _put(self, key: str, level: float) -> None:
        self._level[key] = (level, self._clock())
        self._level.move_to_end(key)
        if len(self._level) > MOST_KEYS:
            self._level.popitem(last=False)

    def _wait(self, level: float) -> int:
        return math.ceil((1 - level) / self.per_second)
