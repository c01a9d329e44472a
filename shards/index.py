"""`index.parquet`: where every member of every sample lies, with its checksums."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from partworks.store import Store
from shards.manifest import Manifest
from shards.parquet import to_parquet
from shards.reader.writing import INDEX_SCHEMA
from shards.split import SplitShares

__all__ = ["INDEX", "INDEX_SCHEMA", "IndexWriter", "earlier_splits"]

INDEX = "index.parquet"
_SHARES = b"partworks.shares"


class IndexWriter:
    """Gathers the rows of shards; they come in the order of the index."""

    def __init__(self, shares: SplitShares) -> None:
        self._shares = shares
        self._tables = [INDEX_SCHEMA.empty_table()]

    def add(self, shard: str, manifest: Manifest) -> None:
        """Add the members of a shard; `shard` is its file name."""
        rows = [
            {
                "split": sample.split,
                "shard": shard,
                "shard_sha256": manifest.sha256,
                "shard_size": manifest.size,
                "key": sample.key,
                "family": sample.family,
                "parts": len(json.loads(sample.record)["parts"]),
                "member": member.member,
                "offset": member.offset,
                "size": member.size,
                "crc32": member.crc32,
                "sha256": member.sha256,
            }
            for sample in manifest.samples
            for member in sample.members
        ]
        self._tables.append(pa.Table.from_pylist(rows, INDEX_SCHEMA))

    def to_bytes(self) -> bytes:
        """The file, with the shares that the splits were drawn by in its metadata."""
        shares = {"val": self._shares.val, "test": self._shares.test}
        metadata = {_SHARES: json.dumps(shares, sort_keys=True).encode()}
        table = pa.concat_tables(self._tables).unify_dictionaries()
        return to_parquet(table.replace_schema_metadata(metadata))


def earlier_splits(store: Store, path: str, *, shares: SplitShares) -> dict[str, str]:
    """uid -> split in the index that is there; empty where there is none.

    It is empty too where the shares have changed since: who asks for other shares gets all splits
    drawn anew.
    """
    if not store.exists(path):
        return {}
    table = pq.read_table(io.BytesIO(store.read(path)), columns=["key", "split"])
    known: Mapping[bytes, bytes] = table.schema.metadata or {}
    if _SHARES in known and SplitShares(**json.loads(known[_SHARES])) != shares:
        return {}
    return dict(_pairs(table))


def _pairs(table: pa.Table) -> Iterator[tuple[str, str]]:
    """Each key with its split; a key has a row for each member."""
    groups = pa.table({"key": table["key"], "split": pc.cast(table["split"], pa.string())})
    for row in groups.group_by(["key", "split"]).aggregate([]).to_pylist():
        yield row["key"], row["split"]
