"""How many requests are in flight: as many as the endpoint bears, at most as many as are allowed.

Additive increase and multiplicative decrease, as TCP shares a line: every answer raises the limit a
little, and a refusal for too many requests halves it. Until the first trouble every answer raises
it by one, so that it doubles with each round. An endpoint that says nothing and slows down is taken
at its latency: twice its best is trouble too.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

HALF = 0.5
SLOWER = 0.8
SLOW = 2.0
"""Times the best latency from which an endpoint counts as slow."""
_SMOOTHING = 0.2
_SAMPLES = 10
_FORGET = 1.002


@dataclass(slots=True)
class _Latency:
    """Seconds of one kind of request: smoothed, and at its best, which is slowly forgotten."""

    smoothed: float = 0.0
    best: float = float("inf")
    samples: int = 0

    def add(self, seconds: float) -> bool:
        """Take note of a latency; whether the endpoint is slow."""
        self.samples += 1
        self.smoothed += (seconds - self.smoothed) * max(_SMOOTHING, 1 / self.samples)
        if self.samples >= _SAMPLES:
            self.best = min(self.best * _FORGET, self.smoothed)
        return self.samples > _SAMPLES and self.smoothed > SLOW * self.best


class AdaptiveLimit:
    """A semaphore whose size follows the endpoint.

    Args:
        most: requests in flight at the most.
        clock: seconds that never go back.
    """

    def __init__(self, most: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._limit = max(1.0, most * HALF)
        self._growing = True
        self._lowered_at = -float("inf")
        self._closed_until = -float("inf")
        self._latencies: dict[str, _Latency] = {}
        self._waiting = asyncio.Condition()
        self.in_flight = 0
        self.seen: Counter[str] = Counter()

    @property
    def limit(self) -> int:
        """Requests that may be in flight now."""
        return int(self._limit)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Room for one request."""
        async with self._waiting:
            while (pause := self._closed_until - self._clock()) > 0 or self.in_flight >= self.limit:
                await self._pause(pause)
            self.in_flight += 1
        try:
            yield
        finally:
            async with self._waiting:
                self.in_flight -= 1
                self._waiting.notify(max(1, self.limit - self.in_flight))

    def now(self) -> float:
        """Seconds by the clock, as `since` is meant."""
        return self._clock()

    def answered(self, kind: str, *, since: float) -> None:
        """A request of a kind that was sent at `since` was answered."""
        slow = self._latencies.setdefault(kind, _Latency()).add(self._clock() - since)
        if slow:
            self._lower(SLOWER, since=since)
            return
        step = 1.0 if self._growing else 1.0 / self._limit
        self._limit = min(self._limit + step, float(self._most))

    def refused(self, *, since: float, wait_s: float = 0.0) -> None:
        """The endpoint had too many requests; it wants none for `wait_s` seconds."""
        self._closed_until = max(self._closed_until, self._clock() + wait_s)
        self._lower(HALF, since=since)

    def _lower(self, factor: float, *, since: float) -> None:
        # What was sent before the last step says nothing about the limit after it.
        if since < self._lowered_at:
            return
        self._growing = False
        self._lowered_at = self._clock()
        self._limit = max(1.0, self._limit * factor)
        self.seen["lowered"] += 1

    async def _pause(self, seconds: float) -> None:
        if seconds <= 0:
            await self._waiting.wait()
            return
        self._waiting.release()
        try:
            await asyncio.sleep(seconds)
        finally:
            await self._waiting.acquire()
