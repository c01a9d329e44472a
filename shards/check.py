"""Holds every byte of a training set against the checksums in its index.

Each shard is read once, from its first byte to its last, in pieces; what is wrong is named by
shard, sample and member.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import fsspec
import pyarrow.compute as pc

from shards.markdown import plural
from shards.published import INDEX, read_columns, read_file
from shards.reader import ShardIndex

_PIECE = 1 << 20
_COLUMNS = ("shard", "shard_sha256", "shard_size", "key", "member", "offset", "size", "crc32")
_TABLES = (INDEX, "ATTRIBUTION.parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Something that is not as it was written; `sample` and `member` are empty for whole files."""

    file: str
    sample: str = ""
    member: str = ""
    message: str


def check(index: ShardIndex) -> Iterator[Flaw]:
    """Every flaw of the tables and shards, in the order of the shards' names.

    Raises:
        UsageError: if the index is of a version that has no checksums of members.
    """
    yield from _check_tables(index)
    order = [("shard", "ascending"), ("offset", "ascending")]
    table, start = read_columns(index, _COLUMNS).sort_by(order), 0
    for shard in pc.value_counts(table["shard"]).to_pylist():
        rows = table.slice(start, shard["counts"]).to_pylist()
        yield from _check_shard(index, shard["values"], rows)
        start += shard["counts"]


def _check_tables(index: ShardIndex) -> Iterator[Flaw]:
    """The tables against their checksums in `croissant.json`, where there is one."""
    try:
        described = json.loads(read_file(index, "croissant.json"))
        known = {file["@id"]: file.get("sha256") for file in described["distribution"]}
    except FileNotFoundError:
        return
    except (ValueError, KeyError, TypeError) as error:
        yield Flaw(file="croissant.json", message=f"it cannot be read: {error!r}")
        return
    for name in _TABLES:
        if known.get(name) is None:
            continue
        try:
            found = hashlib.sha256(read_file(index, name)).hexdigest()
        except FileNotFoundError:
            yield Flaw(file=name, message="it is not there, though croissant.json names it")
            continue
        if found != known[name]:
            message = f"its SHA-256 is {found}, croissant.json has {known[name]}"
            yield Flaw(file=name, message=message)


def _check_shard(index: ShardIndex, name: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[Flaw]:
    try:
        with fsspec.open(f"{index.url}/{name}", "rb") as stream:
            yield from _Reading(name, cast(BinaryIO, stream)).flaws(rows)
    except FileNotFoundError:
        samples = len({row["key"] for row in rows})
        yield Flaw(file=name, message=f"it is not there, nor its {plural(samples, 'sample')}")


class _Reading:
    """One pass over a shard; every byte goes into the checksum of the whole."""

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self._name = name
        self._stream = stream
        self._whole = hashlib.sha256()
        self._place = 0

    def flaws(self, rows: Sequence[Mapping[str, Any]]) -> Iterator[Flaw]:
        """What is wrong with the members, which come by offset, and with the shard."""
        sound = True
        for row in rows:
            message = self._check_member(row)
            if message:
                sound = False
                yield Flaw(
                    file=self._name, sample=row["key"], member=row["member"], message=message
                )
        self._read_to(None)
        size, expected = self._place, rows[0]["shard_sha256"]
        if size != rows[0]["shard_size"]:
            message = f"it has {size} bytes, the index has {rows[0]['shard_size']}"
            yield Flaw(file=self._name, message=message)
        elif self._whole.hexdigest() != expected:
            where = ", between its members" if sound else ""
            message = f"its SHA-256 is {self._whole.hexdigest()}, the index has {expected}{where}"
            yield Flaw(file=self._name, message=message)

    def _check_member(self, row: Mapping[str, Any]) -> str:
        if row["offset"] < self._place:
            return f"it begins at byte {row['offset']}, inside the member before it"
        self._read_to(row["offset"])
        end = row["offset"] + row["size"]
        found = self._read_to(end)
        if self._place < end:
            return f"the shard ends at byte {self._place}, before the member's end at {end}"
        if found != row["crc32"]:
            return f"its CRC-32 is {found:08x}, the index has {row['crc32']:08x}"
        return ""

    def _read_to(self, end: int | None) -> int:
        """Read on to `end`, or to the end of the shard; the CRC-32 of what was read."""
        found = 0
        while end is None or self._place < end:
            piece = self._stream.read(_PIECE if end is None else min(_PIECE, end - self._place))
            if not piece:
                break
            self._whole.update(piece)
            self._place += len(piece)
            found = zlib.crc32(piece, found)
        return found
