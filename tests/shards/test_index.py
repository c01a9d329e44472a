from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from partworks.store import Store
from shards.index import INDEX_SCHEMA, IndexWriter, earlier_splits
from shards.manifest import Manifest, PackedMember, PackedSample
from shards.split import SplitShares

SHARES = SplitShares(val=0.1, test=0.1)


def manifest(*keys: str, split: str = "train") -> Manifest:
    members = tuple(
        PackedMember(member=name, offset=512 * row, size=row, crc32=2**32 - 1, sha256=name * 3)
        for row, name in enumerate(("json", "points.npz"))
    )
    samples = tuple(
        PackedSample(
            key=key,
            sample_sha256="",
            split=split,
            family=f"kin of {key}",
            record='{"parts": [1, 2, 3]}',
            members=members,
        )
        for key in keys
    )
    return Manifest(plan="", sha256=f"sum of {keys}", size=len(keys), samples=samples)


def index() -> bytes:
    writer = IndexWriter(SHARES)
    writer.add("train-000000.tar", manifest("a", "b"))
    writer.add("test-000000.tar", manifest("c", split="test"))
    return writer.to_bytes()


def test_a_row_for_each_member() -> None:
    table = pq.read_table(io.BytesIO(index()))
    assert table.schema.equals(INDEX_SCHEMA)
    assert table.num_rows == 6
    assert table.slice(3, 1).to_pylist() == [
        {
            "split": "train",
            "shard": "train-000000.tar",
            "shard_sha256": "sum of ('a', 'b')",
            "shard_size": 2,
            "key": "b",
            "family": "kin of b",
            "parts": 3,
            "member": "points.npz",
            "offset": 512,
            "size": 1,
            "crc32": 2**32 - 1,
            "sha256": "points.npz" * 3,
        }
    ]
    assert index() == index()


def test_splits_are_remembered(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    assert earlier_splits(store, "index.parquet", shares=SHARES) == {}
    store.write("index.parquet", index())
    found = earlier_splits(store, "index.parquet", shares=SHARES)
    assert found == {"a": "train", "b": "train", "c": "test"}


def test_other_shares_forget_them(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    store.write("index.parquet", index())
    other = SplitShares(val=0.1, test=0.2)
    assert earlier_splits(store, "index.parquet", shares=other) == {}


def test_an_index_that_names_no_shares_is_trusted(tmp_path: Path) -> None:
    """As earlier versions wrote it."""
    sink = io.BytesIO()
    pq.write_table(pa.table({"key": ["a", "a"], "split": ["val", "val"]}), sink)
    store = Store(str(tmp_path))
    store.write("index.parquet", sink.getvalue())
    assert earlier_splits(store, "index.parquet", shares=SHARES) == {"a": "val"}


def test_an_empty_index_has_its_columns() -> None:
    table = pq.read_table(io.BytesIO(IndexWriter(SHARES).to_bytes()))
    assert table.schema.equals(INDEX_SCHEMA)
    assert table.num_rows == 0
