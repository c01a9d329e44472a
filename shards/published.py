"""A training set as it lies at some address, for those who check or compare it."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from partworks.errors import Failed, UsageError
from shards.reader import ShardIndex, ShardsNotFoundError

INDEX = "index.parquet"


def open_index(url: str) -> ShardIndex:
    """The index of a training set.

    Raises:
        UsageError: if there is none at `url`.
        Failed: if it is damaged.
    """
    try:
        return ShardIndex(url)
    except ShardsNotFoundError as error:
        raise UsageError(str(error)) from error
    except ValueError as error:
        raise Failed("damaged_index", str(error)) from error


def read_columns(index: ShardIndex, columns: Sequence[str]) -> pa.Table:
    """Columns of `index.parquet`, words as plain strings.

    Raises:
        UsageError: if it lacks one, as those of earlier versions do.
    """
    table = pq.read_table(io.BytesIO(read_file(index, INDEX)))
    missing = sorted(set(columns) - set(table.column_names))
    if missing:
        raise UsageError(
            f"{index.url}/{INDEX} has no column {', '.join(missing)}: it was written by an earlier "
            "version of Partworks; run the shards stage again"
        )
    return pa.table({name: _plain(table[name]) for name in columns})


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(column, pa.string()) if pa.types.is_dictionary(column.type) else column


def read_file(index: ShardIndex, name: str) -> bytes:
    """A file beside the index, such as README.md; FileNotFoundError if it is not there."""
    with fsspec.open(f"{index.url}/{name}", "rb") as stream:
        content: bytes = stream.read()
    return content


def read_statistics(index: ShardIndex) -> dict[str, Any]:
    """`statistics.json`; empty where there is none, as in earlier versions.

    Raises:
        Failed: if it is no JSON.
    """
    try:
        content = json.loads(read_file(index, "statistics.json"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise Failed(
            "damaged_statistics",
            f"{index.url}/statistics.json is no JSON ({error}); fetch it again",
        ) from error
    return content if isinstance(content, dict) else {}
