"""Try, wait, try again: until it works, there is no hope, or the time is up."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeVar

from ingest.fetch.clock import Clock
from ingest.fetch.config import FetchConfig
from ingest.fetch.trouble import Trouble
from partworks.errors import Failed, Rejected

T = TypeVar("T")

_HISTORY = 12


def persist(
    what: str,
    attempt: Callable[[Clock, random.Random], T],
    *,
    config: FetchConfig,
    seed: str,
    busy: Callable[[float], None] = lambda _: None,
) -> T:
    """The result of the first attempt that works.

    Between attempts it waits a random time below a bound that doubles ("full jitter"), or as long
    as the host asks for if that is more.

    Args:
        what: is fetched; it begins the message of a failure.
        attempt: raises Trouble if it goes wrong; is given the time that is left for all.
        seed: makes the waits repeatable, for instance the object's uid.
        busy: is told the seconds when a host asks to be left alone.

    Raises:
        Failed: the last trouble's reason and words, and how many attempts there were.
        Rejected: `fetch_too_large`.
    """
    clock = Clock(config.deadline_s)
    generator = random.Random(f"{seed}\0fetch")
    history: list[Trouble] = []
    while True:
        try:
            return attempt(clock, generator)
        except Trouble as trouble:
            history.append(trouble)
        except OSError as error:
            raise Failed("fetch_failed", f"{what}: what comes cannot be kept: {error}") from error
        last = history[-1]
        if last.wait_s is not None and last.again:
            busy(last.wait_s)
        wait = _wait(history, config=config, generator=generator)
        if not last.again or len(history) >= config.attempts or wait >= clock.remaining:
            raise _final(what, history, clock)
        clock.sleep(wait)


def _wait(history: list[Trouble], *, config: FetchConfig, generator: random.Random) -> float:
    bound = min(config.max_backoff_s, config.backoff_s * 2.0 ** (len(history) - 1))
    return max(history[-1].wait_s or 0.0, generator.uniform(0.0, bound))


def _final(what: str, history: list[Trouble], clock: Clock) -> Failed | Rejected:
    last = history[-1]
    count = f"{len(history)} attempt{'s' if len(history) > 1 else ''} in {clock.elapsed:.1f} s"
    if len(history) > 1:
        words = [trouble.reason.removeprefix("fetch_") for trouble in history]
        count += f": {', '.join(words[-_HISTORY:])}"
    message = f"{what}: {last.message} ({count})"
    if last.reason == "fetch_too_large":
        return Rejected(last.reason, message)
    return Failed(last.reason, message)
