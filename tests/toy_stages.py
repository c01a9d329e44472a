"""Two stages and a source that do next to nothing, or go wrong in every way on demand."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from partworks.errors import Failed, Rejected
from partworks.records import Attempt, Item, Outcome, SourceRecord
from partworks.stage import Resources, Stage
from partworks.stages import StageEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeConfig:
    """Settings of the first toy.

    Attributes:
        size: random bytes that it writes.
        pause_s: seconds that it takes.
    """

    size: int = 32
    pause_s: float = field(default=0.0, metadata={"affects_output": False})


class Make(Stage[MakeConfig]):
    """Writes seeded random bytes, or does what the record's location says."""

    name = "make"
    version = 1
    needs = ()
    resources = Resources(memory_mb=600, deadline_s=4.0)
    reasons: ClassVar[Mapping[str, str]] = {"ugly": "It is ugly.", "flaky": "It was unlucky."}

    def process(self, item: Item) -> Outcome:
        assert item.record is not None
        time.sleep(self.config.pause_s)
        misbehave(item.record.location)
        data = self.generator(item.uid).bytes(self.config.size)
        return Outcome.ok({f"made/{item.uid}.bin": data}, metrics={"bytes": len(data)})


def misbehave(how: str) -> None:
    """Go wrong as asked."""
    if how == "reject":
        raise Rejected("ugly", "it is not nice to look at")
    if how == "fail":
        raise Failed("flaky", "the line was busy")
    if how == "raise":
        sys.stderr.write("last words\n")
        raise KeyError("missing")
    if how == "segfault":
        sys.stderr.write("before the fault\n")
        sys.stderr.flush()
        ctypes.string_at(0)
    if how == "exit":
        os._exit(7)
    if how == "hang":
        time.sleep(3600)
    if how == "allocate":
        np.ones(1 << 34)
    if how == "eat":
        hoard = [np.ones(1 << 20) for _ in range(200)]
        time.sleep(len(hoard))


@dataclass(frozen=True, slots=True, kw_only=True)
class UseConfig:
    """Settings of the second toy.

    Attributes:
        suffix: added to what it reads.
    """

    suffix: str = "!"


class Use(Stage[UseConfig]):
    """Copies what the first toy made, and puts everything into one file at the end."""

    name = "use"
    version = 1
    needs = ("make",)
    resources = Resources(memory_mb=600, deadline_s=4.0)

    def process(self, item: Item) -> Outcome:
        data = self.store.read(f"made/{item.uid}.bin")
        return Outcome.ok({f"used/{item.uid}.bin": data + self.config.suffix.encode()})

    def finish(self, done: Sequence[Attempt]) -> Iterable[tuple[str, bytes]]:
        parts = [self.store.read(attempt.outputs[0].path) for attempt in done]
        yield "all.bin", b"".join(parts)


class UseWithModel(Use):
    """The same as an actor."""

    resources = Resources(memory_mb=600, deadline_s=4.0, keeps_model=True)


class CannotOpen(Use):
    """A stage whose model is not there."""

    def open(self) -> None:
        raise FileNotFoundError("weights.pt is not there")


class ToySource:
    """`toy:ok,ok,hang,…`: one object a word; the word says how it goes."""

    duplicates: ClassVar[Mapping[str, str]] = {}
    ignored: ClassVar[Mapping[str, int]] = {}

    def __init__(self, spec: str) -> None:
        self.words = spec.removeprefix("toy:").split(",")

    def records(self) -> Iterator[SourceRecord]:
        for number, word in enumerate(self.words):
            yield SourceRecord(uid=f"{number:04d}-{word}", location=word, ext="bin")


TOYS = {
    "make": StageEntry("tests.toy_stages:Make", "tests.toy_stages:MakeConfig"),
    "use": StageEntry("tests.toy_stages:Use", "tests.toy_stages:UseConfig"),
}


class RefuseAll(Make):
    """The first toy in a bad mood."""

    reasons: ClassVar[Mapping[str, str]] = {"ugly": "It is ugly."}

    def process(self, item: Item) -> Outcome:
        raise Rejected("ugly", f"{item.uid} is not nice to look at")
