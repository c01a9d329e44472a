from __future__ import annotations

import io
import json
import math
import tarfile
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from shards.reader import ShardIndex, read_arrays
from shards.reader.writing import INDEX_SCHEMA, ShardWriter, to_json, to_parquet, to_stored_npz

ARRAYS = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.zeros((0, 4), np.float16)}


def test_arrays_come_back_as_they_were_and_lie_there_as_they_are() -> None:
    data = to_stored_npz(ARRAYS)
    found = read_arrays(data)
    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype and np.array_equal(found[name], array)
    assert ARRAYS["a"].tobytes() in data
    assert to_stored_npz(ARRAYS) == data


def test_json_has_one_form() -> None:
    assert to_json({"b": 1, "a": "é"}) == '{"a": "é", "b": 1}\n'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json({"a": math.inf})


def test_a_shard_is_read_by_the_index_that_was_written_with_it(tmp_path: Path) -> None:
    writer = ShardWriter()
    samples = {
        "one": {"json": to_json({"number": 1}), "latents.npz": to_stored_npz(ARRAYS)},
        "two": {"json": to_json({"number": 2}), "latents.npz": bytes(513)},
    }
    for key, members in samples.items():
        writer.add(key, members, split="train", family=f"f {key}", parts=3)
    data = writer.to_bytes()
    named = {"shard": "train-000000.tar", "shard_sha256": "00", "shard_size": len(data)}
    table = pa.Table.from_pylist([{**row, **named} for row in writer.rows], INDEX_SCHEMA)
    (tmp_path / "train-000000.tar").write_bytes(data)
    (tmp_path / "index.parquet").write_bytes(to_parquet(table))

    index = ShardIndex(str(tmp_path))
    assert index.checks and index.keys("train") == ("one", "two")
    assert (index.family("two"), index.part_count("two")) == ("f two", 3)
    for key, members in samples.items():
        assert index.read(key, ["*"]) == members
    assert [row["crc32"] for row in writer.rows][3] == zlib.crc32(bytes(513))
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert archive.getnames() == [f"{key}.{name}" for key in samples for name in samples[key]]
        stream = archive.extractfile("one.json")
        assert stream is not None and json.loads(stream.read()) == {"number": 1}
