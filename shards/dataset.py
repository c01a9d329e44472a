"""The training set out of its samples: shards, index, card, attributions.

Shards hold the samples of one split in uid order. One shard is in memory at a time, and of the rest
only the tables and what the card counts.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from partworks.records import Attempt
from partworks.store import Store
from shards.card import Card, readme
from shards.config import ShardsConfig
from shards.croissant import DataFile, croissant
from shards.packing import Shard, fill_shards
from shards.split import SPLITS, split_of

FOLDER = "shards"
_WORD = pa.dictionary(pa.int32(), pa.string())
INDEX_SCHEMA = pa.schema(
    [
        ("split", _WORD),
        ("shard", _WORD),
        ("shard_sha256", _WORD),
        ("shard_size", pa.int64()),
        ("key", pa.string()),
        ("parts", pa.int32()),
        ("member", pa.string()),
        ("offset", pa.int64()),
        ("size", pa.int64()),
    ]
)
"""A row per member; `offset` and `size` are bytes of the shard, `parts` counts the sample's."""

_ATTRIBUTION_NAMES = ("uid", "name", "licence", "attribution", "source", "location", "split")
ATTRIBUTION_SCHEMA = pa.schema([(name, pa.string()) for name in _ATTRIBUTION_NAMES])
"""A row per object."""


def build_dataset(
    done: Sequence[Attempt], *, store: Store, config: ShardsConfig, version: int
) -> Iterator[tuple[str, bytes]]:
    """Yield (path, content) of everything in `shards/`, the shards first.

    Args:
        done: the latest ok attempts of the stage, in uid order.
        version: the stage's, for the card.
    """
    card = Card(name=config.name, version=version)
    index, attributions = [INDEX_SCHEMA.empty_table()], [ATTRIBUTION_SCHEMA.empty_table()]
    files: list[DataFile] = []
    for split in SPLITS:
        chosen = (attempt for attempt in done if split_of(attempt.uid, config.shares) == split)
        shards = fill_shards(chosen, store=store, limit=int(config.shard_mb * 1e6))
        for number, shard in enumerate(shards):
            data = shard.close()
            file = _data_file(f"{split}-{number:06d}.tar", data)
            files.append(file)
            index.append(_index_rows(shard, file, split=split))
            attributions.append(pa.Table.from_pylist(shard.records, ATTRIBUTION_SCHEMA))
            for record in shard.records:
                card.add(record)
            yield f"{FOLDER}/{file.name}", data
    for name, tables in (("index", index), ("ATTRIBUTION", attributions)):
        data = _to_parquet(pa.concat_tables(tables).unify_dictionaries())
        files.append(_data_file(f"{name}.parquet", data))
        yield f"{FOLDER}/{name}.parquet", data
    yield f"{FOLDER}/README.md", readme(card)
    description = croissant(card, files=files, url=config.url, published=config.published)
    yield f"{FOLDER}/croissant.json", description


def _data_file(name: str, data: bytes) -> DataFile:
    return DataFile(name=name, sha256=hashlib.sha256(data).hexdigest(), size=len(data))


def _index_rows(shard: Shard, file: DataFile, *, split: str) -> pa.Table:
    same: dict[str, Any] = {
        "split": split,
        "shard": file.name,
        "shard_sha256": file.sha256,
        "shard_size": file.size,
    }
    return pa.Table.from_pylist([{**same, **row} for row in shard.rows], INDEX_SCHEMA)


def _to_parquet(table: pa.Table) -> bytes:
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
