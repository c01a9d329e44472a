"""Where assets come from: each kind of source lists records and fetches their bytes.

A worker has nothing but a record, so whatever `fetch` needs is in the record itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from ingest.fetch.config import FetchConfig
from partworks.errors import UsageError
from partworks.records import SourceRecord
from partworks.stages import load

__all__ = ["Source", "fetch", "open_source", "states_licences"]


class RemoteFetch(Protocol):
    """Gets the bytes of a record from elsewhere."""

    def __call__(self, record: SourceRecord, config: FetchConfig, *, most: int) -> bytes:
        """The bytes, `most` at the most."""
        ...


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


# Modules are imported when they are asked for: some need large libraries, and some of what they
# need is made of modules beside them.
_OPEN: Mapping[str, str] = {
    "samples": "ingest.sources.samples:open_samples",
    "folder": "ingest.sources.folder:open_folder",
    "manifest": "ingest.sources.manifest:open_manifest",
    "objaverse": "ingest.sources.objaverse:open_objaverse",
    "objaverse-xl": "ingest.sources.objaverse_xl:open_objaverse_xl",
    "partverse": "ingest.sources.partverse:open_partverse",
}
_AT_HAND: Mapping[str, str] = {
    "samples": "ingest.sources.samples:fetch",
    "folder": "ingest.sources.folder:fetch",
    "partverse": "ingest.sources.partverse:fetch",
}
_REMOTE: Mapping[str, str] = {
    "manifest": "ingest.sources.manifest:fetch",
    "objaverse": "ingest.sources.objaverse:fetch",
    "objaverse-xl": "ingest.sources.objaverse_xl:fetch",
}
_SUPPORTED = (
    "`samples`, `folder:DIR`, `manifest:FILE`, `objaverse:…`, `objaverse-xl:…` or `partverse:DIR`"
)
MAX_BYTES = 1 << 30


def open_source(spec: str) -> Source:
    """The source that `--source` names.

    Raises:
        UsageError: the kind is unknown, there is no such folder or file, or the words after the
            kind make no sense.
    """
    kind, _, rest = spec.partition(":")
    if kind not in _OPEN:
        raise UsageError(f"--source {spec!r} is not a source; expected {_SUPPORTED}")
    open_it: Callable[[str], Source] = load(_OPEN[kind])
    return open_it(rest)


def fetch(
    record: SourceRecord, config: FetchConfig | None = None, *, most: int = MAX_BYTES
) -> bytes:
    """The source bytes of a record, checked against what the source says of them.

    Args:
        config: how patiently the network is asked.
        most: bytes that a remote file may have.

    Raises:
        Failed: they cannot be had, or are not what was listed; `fetch_failed` for a file at hand,
            else a reason of `ingest.fetch.trouble`.
        Rejected: there are too many.
    """
    if record.source in _AT_HAND:
        read: Callable[[SourceRecord], bytes] = load(_AT_HAND[record.source])
        return read(record)
    fetch_it: RemoteFetch = load(_REMOTE[record.source])
    return fetch_it(record, config or FetchConfig(), most=most)


def states_licences(record: SourceRecord) -> bool:
    """Whether a record's source states licences, so that one without has none that is clear."""
    return record.source in _REMOTE and record.metadata.get("states_licence") is not False
