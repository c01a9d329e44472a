"""What a run shows while it works: a live bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from partworks.records import Attempt

PLAIN_EVERY_S = 10.0


class Display(Protocol):
    """Told of everything that a run does."""

    def begin(self, stage: str, total: int) -> None:
        """A stage starts on `total` objects."""

    def attempt(self, attempt: Attempt) -> None:
        """An object is done, one way or another."""

    def tick(self) -> None:
        """Called several times a second."""

    def end(self) -> None:
        """The stage is over."""

    def note(self, text: str) -> None:
        """Something that the user should read."""


class Tally:
    """Counts of the stage under way."""

    def __init__(self, stage: str, total: int) -> None:
        self.stage = stage
        self.total = total
        self.counts = {"ok": 0, "failed": 0, "rejected": 0}
        self.started = time.monotonic()

    @property
    def done(self) -> int:
        """Objects attempted."""
        return sum(self.counts.values())

    @property
    def rate(self) -> float:
        """Objects a second since the stage began."""
        return self.done / max(time.monotonic() - self.started, 1e-9)

    def line(self) -> str:
        """One line that says it all."""
        left = (self.total - self.done) / self.rate if self.done else None
        eta = f", {left:.0f} s to go" if left else ""
        trouble = "".join(
            f", {self.counts[status]} {status}"
            for status in ("failed", "rejected")
            if self.counts[status]
        )
        return f"{self.stage}: {self.done}/{self.total}, {self.rate:.1f}/s{trouble}{eta}"


class PlainDisplay:
    """A line when a stage begins, every ten seconds, and when it ends; to stderr."""

    def __init__(self) -> None:
        self._tally: Tally | None = None
        self._printed = 0.0

    def begin(self, stage: str, total: int) -> None:
        """A stage starts."""
        self._tally = Tally(stage, total)
        self._printed = time.monotonic()

    def attempt(self, attempt: Attempt) -> None:
        """Count an object; a failure is said at once."""
        assert self._tally is not None
        self._tally.counts[attempt.status] += 1
        if attempt.status == "failed":
            self.note(failure_line(attempt))

    def tick(self) -> None:
        """Print a line if it is time to."""
        if self._tally and time.monotonic() - self._printed >= PLAIN_EVERY_S:
            self._printed = time.monotonic()
            self.note(self._tally.line())

    def end(self) -> None:
        """The stage's last line."""
        if self._tally:
            self.note(self._tally.line())
        self._tally = None

    def note(self, text: str) -> None:
        """A line of its own."""
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


class LiveDisplay:
    """A bar a stage, with rate, time to go and troubles."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress: Progress | None = None
        self._tally: Tally | None = None
        self._task = TaskID(0)

    def begin(self, stage: str, total: int) -> None:
        """A stage starts: a new bar; the bars of earlier stages stay above it."""
        self._tally = Tally(stage, total)
        self._progress = Progress(
            TextColumn("{task.description:>9}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]:>7.1f}/s"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[trouble]}"),
            console=self._console,
        )
        self._progress.start()
        self._task = self._progress.add_task(stage, total=total, rate=0.0, trouble="")

    def attempt(self, attempt: Attempt) -> None:
        """Advance the bar."""
        assert self._tally is not None and self._progress is not None
        counts = self._tally.counts
        counts[attempt.status] += 1
        if attempt.status == "failed":
            self.note(failure_line(attempt))
        failed = f"[red]{counts['failed']} failed[/] " if counts["failed"] else ""
        rejected = f"[yellow]{counts['rejected']} rejected[/]" if counts["rejected"] else ""
        self._progress.update(
            self._task, advance=1, rate=self._tally.rate, trouble=failed + rejected
        )

    def tick(self) -> None:
        """The bar redraws itself."""

    def end(self) -> None:
        """The bar stays as it is."""
        if self._progress is not None:
            self._progress.stop()

    def note(self, text: str) -> None:
        """A line above the bar."""
        self._console.print(text, markup=False, highlight=False)


def failure_line(attempt: Attempt) -> str:
    """One line about an object that failed."""
    first = attempt.message.splitlines()[0] if attempt.message else ""
    return f"{attempt.stage}: {attempt.uid} failed, {attempt.reason}: {first}"


def open_display() -> Display:
    """A live display on a terminal, plain lines elsewhere."""
    console = Console(stderr=True)
    return LiveDisplay(console) if console.is_terminal else PlainDisplay()
