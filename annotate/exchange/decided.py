"""Decisions in a root: a file for each decided object, and one table of all of them.

`review/decisions/xx/<uid>.json` holds what is needed to make the parts again, and no time, so that
its SHA-256 changes exactly when the decision does. `review/decisions.parquet` lists them with these
digests; what is not in the table is undecided, whatever files lie about.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from partworks import layout
from partworks.ledger import Ledger
from partworks.store import Store

INDEX = "review/decisions.parquet"
OPERATIONS = "review/operations.parquet"
FOLDER = "review/decisions"

SCHEMA = pa.schema(
    [
        ("uid", pa.string()),
        ("digest", pa.string()),
        ("revision", pa.string()),
        ("verdict", pa.string()),
        ("reason", pa.string()),
        ("note", pa.string()),
        ("reviewer", pa.string()),
        ("reviewers", pa.list_(pa.string())),
        ("operations", pa.int32()),
        ("state_hash", pa.string()),
        ("active_ms", pa.int64()),
        ("decided_at", pa.float64()),
        ("queue", pa.string()),
        ("task", pa.int64()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What reviewers made of one object.

    Attributes:
        revision: SHA-256 of the segments file that the operations refer to.
        verdict: `accept`, `reject`, `needs-better-atoms` or `cannot-decide`.
        reason, note: of a rejection.
        reviewer: who made the labels that stand. `reviewers`: all whose opinion stands.
        operations: as JSON objects, oldest first; they fold to the labels.
        state_hash: of what they fold to.
    """

    uid: str
    revision: str
    geometry_hash: str
    verdict: str
    reason: str
    note: str
    reviewer: str
    reviewers: tuple[str, ...]
    operations: tuple[Mapping[str, Any], ...]
    state_hash: str

    def to_bytes(self) -> bytes:
        """UTF-8 JSON with sorted keys."""
        return (
            json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            + "\n"
        ).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Decided:
        """The inverse of `to_bytes`."""
        table = json.loads(data)
        for name in ("reviewers", "operations"):
            table[name] = tuple(table[name])
        return cls(**table)


def digest_of(data: bytes) -> str:
    """What stands for a decision's file: its SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def write_index(store: Store, rows: Iterable[Mapping[str, Any]]) -> None:
    """Put the table of decisions in place of the old one, sorted by uid."""
    ordered = sorted(rows, key=lambda row: str(row["uid"]))
    store.write(INDEX, to_parquet(pa.Table.from_pylist(ordered, schema=SCHEMA)))


def read_index(store: Store) -> list[dict[str, Any]]:
    """The rows of the table of decisions; none where nothing was ever exported."""
    if not store.exists(INDEX):
        return []
    table = pq.read_table(io.BytesIO(store.read(INDEX)), schema=SCHEMA)
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def current_digests(store: Store) -> dict[str, str]:
    """uid -> digest of its decision, where that was made of the segments that are there now."""
    rows = read_index(store)
    revisions = current_revisions(store, [row["uid"] for row in rows])
    return {
        row["uid"]: row["digest"] for row in rows if revisions.get(row["uid"]) == row["revision"]
    }


def current_revisions(store: Store, uids: Iterable[str]) -> dict[str, str]:
    """uid -> SHA-256 of its segments file, by the ledger."""
    outputs = Ledger(store).outputs("segment", uids)
    return {
        uid: output.sha256
        for uid, files in outputs.items()
        for output in files
        if output.path == layout.segments(uid)
    }


def to_parquet(table: pa.Table) -> bytes:
    """A table as the bytes of a file; equal tables give equal bytes."""
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()
