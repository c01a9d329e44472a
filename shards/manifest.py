"""What is known of a shard, in a small file beside it: its plan, its samples, where members lie.

The manifest is written after its shard. It says that the shard is whole, and what it was made from;
a run that finds the manifest of the very shard that it would make leaves both alone. Index and card
are put together from manifests, so that no shard is read for them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from shards.parquet import from_parquet, to_parquet

FOLDER = "manifests"
FORMAT = 1
"""Raised when the bytes of a shard change though its samples do not."""

_MEMBER = pa.struct(
    [
        ("member", pa.string()),
        ("offset", pa.int64()),
        ("size", pa.int64()),
        ("crc32", pa.uint32()),
        ("sha256", pa.string()),
    ]
)
_SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("sample_sha256", pa.string()),
        ("split", pa.string()),
        ("family", pa.string()),
        ("record", pa.string()),
        ("members", pa.list_(_MEMBER)),
    ]
)
_KEY = b"partworks.shard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A sample that a shard is to hold.

    Attributes:
        sha256, size: of the sample's own tar, as the ledger has them.
    """

    uid: str
    sha256: str
    size: int
    split: str
    family: str


def plan_digest(entries: Sequence[Entry]) -> str:
    """SHA-256 over everything that the bytes of a shard hang on."""
    facts = [FORMAT, [[each.uid, each.sha256, each.split, each.family] for each in entries]]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedMember:
    """A member of a shard; `member` is its name without the key, `offset` that of its content."""

    member: str
    offset: int
    size: int
    crc32: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedSample:
    """A sample in a shard.

    Attributes:
        key: the object's uid.
        sample_sha256: of the sample's own tar.
        record: the text of its json member.
    """

    key: str
    sample_sha256: str
    split: str
    family: str
    record: str
    members: tuple[PackedMember, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What is known of a shard.

    Attributes:
        plan: `plan_digest` of its entries.
        sha256, size: of the shard.
        samples: in the order of the shard.
    """

    plan: str
    sha256: str
    size: int
    samples: tuple[PackedSample, ...]

    def to_bytes(self) -> bytes:
        """Parquet; the same bytes for the same manifest."""
        columns: dict[str, list[Any]] = {name: [] for name in _SCHEMA.names}
        for sample in self.samples:
            for name in ("key", "sample_sha256", "split", "family", "record"):
                columns[name].append(getattr(sample, name))
            names = [field.name for field in _MEMBER]
            columns["members"].append(
                [{name: getattr(each, name) for name in names} for each in sample.members]
            )
        facts = {"plan": self.plan, "sha256": self.sha256, "size": self.size}
        metadata = {_KEY: json.dumps(facts, sort_keys=True).encode()}
        return to_parquet(pa.table(columns, _SCHEMA.with_metadata(metadata)))

    @classmethod
    def from_bytes(cls, data: bytes) -> Manifest | None:
        """The inverse of `to_bytes`; None for a file that is cut off or of another format."""
        try:
            table = from_parquet(data)
            facts = json.loads((table.schema.metadata or {})[_KEY])
            samples = tuple(_sample(row) for row in table.to_pylist())
            return cls(samples=samples, **facts)
        except (pa.ArrowException, KeyError, TypeError, ValueError):
            return None


def _sample(row: dict[str, Any]) -> PackedSample:
    members = tuple(PackedMember(**member) for member in row.pop("members"))
    return PackedSample(members=members, **row)
