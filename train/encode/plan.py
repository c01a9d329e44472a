"""Which shards there are to be: those of the training set, with the same samples in each."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shards.reader import ShardIndex

FORMAT = 1
"""Raised when the bytes of a shard change though neither its source nor its settings do."""

INDEX = "index.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardPlan:
    """A shard of latents.

    Attributes:
        shard: its file name, and that of its source.
        split: of its samples.
        keys: of its samples, in order.
        digest: SHA-256 over everything that its bytes hang on.
    """

    shard: str
    split: str
    keys: tuple[str, ...]
    digest: str


def plan_shards(index: ShardIndex, *, identity: Mapping[str, Any]) -> list[ShardPlan]:
    """The shards in the order of the index.

    Args:
        identity: what the latents hang on besides the samples: weights and settings.
    """
    facts = _facts(index)
    plans = []
    for split in index.splits():
        shards: dict[str, list[str]] = {}
        for key in index.keys(split):
            shards.setdefault(index.shard(key), []).append(key)
        for shard, keys in shards.items():
            text = json.dumps([FORMAT, identity, split, keys, facts[shard]], sort_keys=True)
            digest = hashlib.sha256(text.encode()).hexdigest()
            plans.append(ShardPlan(shard=shard, split=split, keys=tuple(keys), digest=digest))
    return plans


def _facts(index: ShardIndex) -> dict[str, list[Any]]:
    """All that the index says of each shard's members, which changes when one of them does."""
    with fsspec.open(f"{index.url}/{INDEX}", "rb") as stream:
        table = pq.read_table(io.BytesIO(stream.read()))
    rows = pa.table({name: _plain(table[name]) for name in sorted(table.column_names)})
    facts: dict[str, list[Any]] = {}
    for row in rows.to_pylist():
        facts.setdefault(row["shard"], []).append(list(row.values()))
    return facts


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(column, pa.string()) if pa.types.is_dictionary(column.type) else column
