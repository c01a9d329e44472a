"""Deadlines that hold whatever a call waits for."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from ingest.fetch.trouble import Trouble

T = TypeVar("T")


class Clock:
    """Counts down the seconds of one file.

    Args:
        seconds: for everything together.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._start = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    @property
    def remaining(self) -> float:
        """Seconds left, 0 at the least."""
        return max(0.0, self.seconds - self.elapsed)

    def sleep(self, seconds: float) -> None:
        """Sleep, at the most to the end."""
        time.sleep(min(seconds, self.remaining))


class _Answer(Generic[T]):
    def __init__(self, value: T | None = None, error: BaseException | None = None) -> None:
        self.value = value
        self.error = error


def within(
    seconds: float, call: Callable[[], T], *, what: str, abandoned: Callable[[T], None]
) -> T:
    """The result of `call`, or Trouble('fetch_timeout') if it does not come in time.

    Socket timeouts bound each wait for bytes and none the looking up of names: a host that sends a
    header a letter at a time passes them for ever. So the call runs in a thread that can be left
    behind, and `abandoned` is given what it returns too late.
    """
    answers: queue.SimpleQueue[_Answer[T]] = queue.SimpleQueue()
    late = threading.Event()

    def run() -> None:
        try:
            answer = _Answer(call())
        except BaseException as error:  # noqa: BLE001  it is raised on the other side
            answers.put(_Answer(error=error))
            return
        answers.put(answer)
        if late.is_set() and answer.value is not None:
            abandoned(answer.value)

    threading.Thread(target=run, daemon=True, name="fetch").start()
    try:
        answer = answers.get(timeout=max(seconds, 0.001))
    except queue.Empty:
        late.set()
        raise Trouble("fetch_timeout", f"{what} took more than {seconds:.3g} s") from None
    if answer.error is not None:
        raise answer.error
    return answer.value  # type: ignore[return-value]
