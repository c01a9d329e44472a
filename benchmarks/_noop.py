"""A stage that does nothing, and a source of as many objects as asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from partworks.records import Item, Outcome, SourceRecord
from partworks.stage import Resources, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class NoopConfig:
    """No settings."""


class Noop(Stage[NoopConfig]):
    """Does nothing and leaves nothing."""

    name = "noop"
    version = 1
    needs = ()
    resources = Resources(memory_mb=1024, deadline_s=60)

    def process(self, item: Item) -> Outcome:
        """Nothing."""
        return Outcome.ok({})


class NoopSource:
    """`noop:N`: N records."""

    duplicates: ClassVar[Mapping[str, str]] = {}
    ignored: ClassVar[Mapping[str, int]] = {}

    def __init__(self, spec: str) -> None:
        self.count = int(spec.removeprefix("noop:"))

    def records(self) -> Iterator[SourceRecord]:
        """The records, all alike."""
        for number in range(self.count):
            yield SourceRecord(uid=f"{number:08d}", location="", ext="bin")
