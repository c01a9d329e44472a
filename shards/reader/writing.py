"""How shards are written, for whoever writes some: tars, tables and arrays with settled bytes.

The shards stage writes the training set with it and the trainer its latents, so that what one of
them writes `ShardIndex` reads, whoever wrote it. Equal content gives equal bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * BLOCK)

_WORD = pa.dictionary(pa.int32(), pa.string())

INDEX_SCHEMA = pa.schema(
    [
        ("split", _WORD),
        ("shard", _WORD),
        ("shard_sha256", _WORD),
        ("shard_size", pa.int64()),
        ("key", pa.string()),
        ("family", pa.string()),
        ("parts", pa.int32()),
        ("member", pa.string()),
        ("offset", pa.int64()),
        ("size", pa.int64()),
        ("crc32", pa.uint32()),
        ("sha256", pa.string()),
    ]
)
"""A row per member; `offset` and `size` are bytes of the shard, `parts` counts the sample's parts,
`crc32` and `sha256` are of the member's content."""


def entry(name: str, data: bytes) -> bytes:
    """One member of a tar: a header of one block, and the content filled up to whole blocks."""
    header = tarfile.TarInfo(name)
    header.size = len(data)
    header.mode = 0o444
    padding = bytes(-len(data) % BLOCK)
    return header.tobuf(tarfile.USTAR_FORMAT) + data + padding


def to_parquet(table: pa.Table) -> bytes:
    """The table as one file."""
    sink = io.BytesIO()
    # Every option that shapes the bytes is named, so that a new default changes nothing.
    pq.write_table(
        table.combine_chunks(),
        sink,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        compression_level=3,
        use_dictionary=True,
        row_group_size=1 << 17,
    )
    return sink.getvalue()


def to_stored_npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Arrays as they are, not deflated: noise does not shrink, and is read without a copy."""
    buffer = io.BytesIO()
    np.savez(buffer, **dict(arrays))
    return buffer.getvalue()


def to_json(content: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON with sorted keys; a number that is not finite is refused."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


@dataclass(slots=True)
class ShardWriter:
    """A shard as it grows, in memory.

    Attributes:
        rows: of the index, one per member, without the columns that name the shard.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    _stream: io.BytesIO = field(default_factory=io.BytesIO)

    def add(
        self, key: str, members: Mapping[str, bytes], *, split: str, family: str, parts: int
    ) -> None:
        """Add a sample, its members in the order given, their names without the key."""
        for member, content in members.items():
            self.rows.append(
                {
                    "split": split,
                    "key": key,
                    "family": family,
                    "parts": parts,
                    "member": member,
                    "offset": self._stream.tell() + BLOCK,
                    "size": len(content),
                    "crc32": zlib.crc32(content),
                    "sha256": hashlib.sha256(content).hexdigest(),
                }
            )
            self._stream.write(entry(f"{key}.{member}", content))

    def to_bytes(self) -> bytes:
        """The shard."""
        return self._stream.getvalue() + END
