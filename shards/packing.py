"""Samples into shards: read one after another, checked, and put behind one another."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from partworks import layout
from partworks.errors import Failed
from partworks.records import Attempt
from partworks.store import Store
from shards import tar


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sample as `Shards.process` left it."""

    uid: str
    body: bytes
    members: tuple[tar.Member, ...]
    record: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Shard:
    """A shard being filled.

    Attributes:
        rows: key, parts, member, offset and size of every member.
        records: the json of every sample.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)
    _stream: io.BytesIO = field(default_factory=io.BytesIO)

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._stream.tell()

    def add(self, sample: Sample) -> None:
        """Put a sample behind those that are there."""
        self.records.append(sample.record)
        self.rows += [
            {
                "key": sample.uid,
                "parts": len(sample.record["parts"]),
                "member": member.name.removeprefix(f"{sample.uid}."),
                "offset": self.size + member.offset,
                "size": member.size,
            }
            for member in sample.members
        ]
        self._stream.write(sample.body)

    def close(self) -> bytes:
        """The whole tar; nothing can be added after it. The buffer is handed over, not copied."""
        self._stream.write(tar.END)
        return self._stream.getvalue()


def fill_shards(done: Iterable[Attempt], *, store: Store, limit: int) -> Iterator[Shard]:
    """Shards of at most `limit` bytes; a sample larger than that gets one of its own."""
    shard = Shard()
    for attempt in done:
        sample = _read_sample(attempt, store)
        if shard.records and shard.size + len(sample.body) > limit:
            yield shard
            shard = Shard()
        shard.add(sample)
    if shard.records:
        yield shard


def _read_sample(attempt: Attempt, store: Store) -> Sample:
    path = layout.sample(attempt.uid)
    data = store.read(path)
    expected = {output.path: output.sha256 for output in attempt.outputs}.get(path)
    if expected is not None and hashlib.sha256(data).hexdigest() != expected:
        raise Failed(
            "sample_changed",
            f"{path} has another checksum than the ledger; run the shards stage for "
            f"{attempt.uid} again",
        )
    members = tuple(tar.members(data))
    content = next(member for member in members if member.name == f"{attempt.uid}.json")
    record = json.loads(data[content.offset : content.offset + content.size])
    return Sample(uid=attempt.uid, body=tar.body(data), members=members, record=record)
