"""Tables in Parquet with the same bytes for the same table."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq

from shards.reader.writing import to_parquet

__all__ = ["from_parquet", "to_parquet"]


def from_parquet(data: bytes) -> pa.Table:
    """The inverse of `to_parquet`; `pyarrow.ArrowException` for what is no Parquet."""
    return pq.read_table(io.BytesIO(data))
