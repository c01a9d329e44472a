"""Where assets come from: each kind of source lists records and fetches their bytes.

A worker has nothing but a record, so whatever `fetch` needs is in the record itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from ingest.sources import folder, samples
from partworks.errors import UsageError
from partworks.records import SourceRecord

__all__ = ["Source", "fetch", "open_source"]


class Source(Protocol):
    """A set of assets, listed in an order that does not change."""

    @property
    def duplicates(self) -> Mapping[str, str]:
        """Where else the same bytes lie -> the uid that stands for them."""
        ...

    @property
    def ignored(self) -> Mapping[str, int]:
        """Files left aside, by ending: what is no 3D asset, and what no asset refers to."""
        ...

    def records(self) -> Iterator[SourceRecord]:
        """Every asset once, without decoding any."""
        ...


_OPEN: Mapping[str, Callable[[str], Source]] = {
    "samples": samples.open_samples,
    "folder": folder.open_folder,
}
_FETCH: Mapping[str, Callable[[SourceRecord], bytes]] = {
    "samples": samples.fetch,
    "folder": folder.fetch,
}
_SUPPORTED = "`samples` or `folder:DIR`"


def open_source(spec: str) -> Source:
    """The source that `--source` names.

    Raises:
        UsageError: the kind is unknown, or there is no such folder.
    """
    kind, _, rest = spec.partition(":")
    if kind not in _OPEN:
        raise UsageError(f"--source {spec!r} is not a source; expected {_SUPPORTED}")
    return _OPEN[kind](rest)


def fetch(record: SourceRecord) -> bytes:
    """The source bytes of a record, checked against its uid.

    Raises:
        Failed: `fetch_failed`, when they cannot be read or are not what was listed.
    """
    return _FETCH[record.source](record)
