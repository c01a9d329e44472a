"""Ranges of the files below a URL."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

OPEN_FILES = 32
"""Local files that a process keeps open."""

MAX_GAP = 1 << 16
"""Bytes that are rather read in vain than asked for in a second request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where the content of a member lies: bytes `offset` to `offset + size` of a shard."""

    shard: str
    offset: int
    size: int

    @property
    def stop(self) -> int:
        """The byte behind the last one."""
        return self.offset + self.size


class Files:
    """The files below a URL.

    What is open belongs to one process: a connection must not be shared with a forked or spawned
    loader worker, so each process opens its own.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._pid = -1

    def __getstate__(self) -> dict[str, Any]:
        return {"url": self.url, "_pid": -1}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def read(self, places: Sequence[Location]) -> list[bytes | None]:
        """The content of each place; None where there is no file, less where it ends too early."""
        if self.is_local:
            return [self._read_local(place) for place in places]
        spans = list(_spans(places))
        content = self._read_spans([span for span, _ in spans])
        found: dict[int, bytes | None] = {}
        for (span, rows), data in zip(spans, content, strict=True):
            for row in rows:
                start = places[row].offset - span.offset
                found[row] = None if data is None else data[start : start + places[row].size]
        return [found[row] for row in range(len(places))]

    @property
    def is_local(self) -> bool:
        """Whether the files lie in a file system of this machine."""
        self._open()
        return isinstance(self._fs, LocalFileSystem)

    def _open(self) -> None:
        if self._pid != os.getpid():
            self._fs, self._base = fsspec.core.url_to_fs(self.url)
            self._descriptors: OrderedDict[str, _Descriptor] = OrderedDict()
            self._pid = os.getpid()

    def _read_local(self, place: Location) -> bytes | None:
        descriptor = self._descriptors.pop(place.shard, None)
        if descriptor is None:
            try:
                descriptor = _Descriptor(f"{self._base}/{place.shard}")
            except FileNotFoundError:
                return None
            while len(self._descriptors) >= OPEN_FILES:
                self._descriptors.popitem(last=False)
        self._descriptors[place.shard] = descriptor
        return descriptor.read(place)

    def _read_spans(self, spans: Sequence[Location]) -> list[bytes | None]:
        results = self._fs.cat_ranges(
            [f"{self._base}/{span.shard}" for span in spans],
            [span.offset for span in spans],
            [span.stop for span in spans],
            on_error="return",
        )
        return [
            self._explain(span, result) if isinstance(result, Exception) else bytes(result)
            for span, result in zip(spans, results, strict=True)
        ]

    def _explain(self, span: Location, error: Exception) -> bytes | None:
        """Stores refuse a range that starts behind the end; a file system returns nothing."""
        path = f"{self._base}/{span.shard}"
        self._fs.invalidate_cache(path)
        try:
            size = int(self._fs.size(path))
        except FileNotFoundError:
            return None
        if size <= span.offset:
            return b""
        raise error


class _Descriptor:
    """A local file that is open as long as this lives; other processes may have it open too."""

    def __init__(self, path: str) -> None:
        self._number = os.open(path, os.O_RDONLY)

    def read(self, place: Location) -> bytes:
        """One call reads at most 2 GiB, and a signal may end it early."""
        data = os.pread(self._number, place.size, place.offset)
        while 0 < len(data) < place.size:
            more = os.pread(self._number, place.size - len(data), place.offset + len(data))
            if not more:
                break
            data += more
        return data

    def __del__(self) -> None:
        if hasattr(self, "_number"):
            os.close(self._number)


def _spans(places: Sequence[Location]) -> Iterator[tuple[Location, list[int]]]:
    """Ranges that cover all places, near ones together, with the rows of the places in each."""
    rows = sorted(range(len(places)), key=lambda row: (places[row].shard, places[row].offset))
    span: Location | None = None
    covered: list[int] = []
    for row in rows:
        place = places[row]
        if span is not None:
            if place.shard == span.shard and place.offset <= span.stop + MAX_GAP:
                size = max(span.stop, place.stop) - span.offset
                span = Location(shard=span.shard, offset=span.offset, size=size)
                covered.append(row)
                continue
            yield span, covered
        span, covered = place, [row]
    if span is not None:
        yield span, covered
