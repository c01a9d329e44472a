"""The ledger: one row per attempt at an object by a stage; the only source of truth.

Rows are appended in small Parquet files, a moment after an attempt ends, and merged into larger
ones by and by. A merged file names the files it replaces in its metadata; readers pass over those,
so that a crash between writing the one and deleting the others does no harm.
"""

from __future__ import annotations

import io
import json
import time
import uuid
from collections.abc import Collection, Iterable, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from partworks.records import LEDGER_SCHEMA, Attempt, Output
from partworks.store import Store

# A flush waits for as long as ten flushes take, so that the ledger costs a tenth of a run at most.
FLUSH_S = 0.05
FLUSH_PATIENCE = 10.0
FLUSH_ROWS = 2000
MERGE_FILES = 8
MERGE_FLUSHES = 64
MERGE_BYTES = 16 << 20
_REPLACES = b"partworks.replaces"
_DICTIONARY = ["stage", "status", "fingerprint", "reason"]


class Ledger:
    """Reads the ledger of a root and hands out writers."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def writer(self, stage: str) -> LedgerWriter:
        """A writer for the rows of one stage."""
        return LedgerWriter(self._store, stage)

    def rows(self, stage: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Every attempt of a stage, oldest first."""
        names = list(columns) if columns is not None else LEDGER_SCHEMA.names
        wanted = names if "finished_at" in names else [*names, "finished_at"]
        tables = list(_read_files(self._store, stage, wanted))
        empty = pa.schema([LEDGER_SCHEMA.field(name) for name in wanted]).empty_table()
        table = pa.concat_tables(tables) if tables else empty
        table = table.unify_dictionaries() if tables else table
        return table.take(pc.sort_indices(table["finished_at"])).select(names)

    def latest(self, stage: str, columns: Sequence[str] | None = None) -> pa.Table:
        """The last attempt at each object, in uid order."""
        names = list(columns) if columns is not None else LEDGER_SCHEMA.names
        wanted = names if "uid" in names else ["uid", *names]
        table = self.rows(stage, wanted)
        order = pa.table({"uid": table["uid"], "row": np.arange(len(table))})
        last = order.group_by("uid").aggregate([("row", "max")])
        last = last.take(pc.sort_indices(last["uid"]))
        return table.take(last["row_max"]).select(names)

    def attempts(self, stage: str) -> list[Attempt]:
        """The last attempt at each object, as records, in uid order."""
        return [Attempt.from_row(row) for row in self.latest(stage).to_pylist()]

    def failures(self, stage: str, fingerprint: str) -> dict[str, int]:
        """uid -> how often it failed under `fingerprint`."""
        table = self.rows(stage, ["uid", "status", "fingerprint"])
        failed = table.filter(
            pc.and_(
                pc.equal(table["status"], "failed"), pc.equal(table["fingerprint"], fingerprint)
            )
        )
        counts = failed.group_by("uid").aggregate([([], "count_all")])
        return dict(zip(counts["uid"].to_pylist(), counts["count_all"].to_pylist(), strict=True))

    def outputs(self, stage: str, uids: Iterable[str]) -> dict[str, tuple[Output, ...]]:
        """uid -> the files of its last attempt, for those of `uids` that have any."""
        table = self.latest(stage, ["uid", "outputs"])
        table = table.filter(pc.is_in(table["uid"], pa.array(list(uids), pa.string())))
        return {
            row["uid"]: tuple(Output(**output) for output in row["outputs"])
            for row in table.to_pylist()
            if row["outputs"]
        }


class LedgerWriter:
    """Appends rows; `tick` and `close` put them on disk. A context manager."""

    def __init__(self, store: Store, stage: str) -> None:
        self._store = store
        self._stage = stage
        self._pending: list[Attempt] = []
        self._written: list[str] = []
        self._flush_after = time.monotonic() + FLUSH_S

    def __enter__(self) -> LedgerWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, attempt: Attempt) -> None:
        """Add a row; it is on disk after the next flush."""
        assert attempt.stage == self._stage
        self._pending.append(attempt)
        if len(self._pending) >= FLUSH_ROWS:
            self.flush()

    def tick(self) -> None:
        """Flush if it is time to."""
        if self._pending and time.monotonic() >= self._flush_after:
            self.flush()

    def flush(self) -> None:
        """Write pending rows to a file of their own."""
        if not self._pending:
            return
        start = time.monotonic()
        rows = [attempt.to_row() for attempt in self._pending]
        table = pa.Table.from_pylist(rows, schema=LEDGER_SCHEMA)
        path = _file_name(self._stage)
        self._store.write(path, _to_parquet(table))
        self._pending = []
        self._written.append(path)
        if len(self._written) >= MERGE_FLUSHES:
            _merge_files(self._store, self._stage, self._written)
            self._written = []
        end = time.monotonic()
        self._flush_after = end + max(FLUSH_S, FLUSH_PATIENCE * (end - start))

    def close(self) -> None:
        """Flush, and merge small files when there are many."""
        self.flush()
        merge(self._store, self._stage)


def merge(store: Store, stage: str) -> None:
    """Put the small files of a stage's ledger into one."""
    live, replaced = _files(store, stage)
    for path in replaced:  # an earlier merge was interrupted
        store.delete(path)
    small = [path for path in live if store.size(path) < MERGE_BYTES]
    if len(small) >= MERGE_FILES:
        _merge_files(store, stage, small)


def forget(store: Store, stage: str, uids: Collection[str]) -> int:
    """Take every row of some objects out of a stage's ledger; return how many there were.

    As with a merge, a file without them takes the place of each that has some: whatever ends this
    in between, no other row is lost, and doing it again does the rest.
    """
    live, replaced = _files(store, stage)
    for path in replaced:
        store.delete(path)
    gone = 0
    for path in live:
        table = pq.read_table(io.BytesIO(store.read(path)), schema=LEDGER_SCHEMA)
        theirs = pc.is_in(table["uid"], pa.array(sorted(uids), pa.string()))
        count = int(pc.sum(theirs).as_py() or 0)
        if not count:
            continue
        kept = table.filter(pc.invert(theirs))
        if len(kept):
            replaces = {_REPLACES: json.dumps([path]).encode()}
            store.write(_file_name(stage), _to_parquet(kept, replaces))
        store.delete(path)
        gone += count
    return gone


def _merge_files(store: Store, stage: str, small: list[str]) -> None:
    tables = [pq.read_table(io.BytesIO(store.read(path)), schema=LEDGER_SCHEMA) for path in small]
    replaces = {_REPLACES: json.dumps(small).encode()}
    store.write(_file_name(stage), _to_parquet(pa.concat_tables(tables), replaces))
    for path in small:
        store.delete(path)


def _file_name(stage: str) -> str:
    return f"ledger/{stage}/{time.time_ns():020d}-{uuid.uuid4().hex[:8]}.parquet"


def _to_parquet(table: pa.Table, metadata: dict[bytes, bytes] | None = None) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(metadata), sink, compression="zstd")
    return sink.getvalue()


def _files(store: Store, stage: str) -> tuple[list[str], list[str]]:
    """The files of a stage's ledger: those that count, and those that a merged file replaces."""
    paths = [path for path in store.list(f"ledger/{stage}") if path.endswith(".parquet")]
    replaced: set[str] = set()
    for path in paths:
        with store.open(path) as stream:
            metadata = pq.read_schema(stream).metadata or {}
        replaced.update(json.loads(metadata.get(_REPLACES, b"[]")))
    return (
        [path for path in paths if path not in replaced],
        [path for path in paths if path in replaced],
    )


def _read_files(store: Store, stage: str, columns: list[str]) -> Iterable[pa.Table]:
    live, _ = _files(store, stage)
    for path in live:
        with store.open(path) as stream:
            file = pq.ParquetFile(stream, read_dictionary=_DICTIONARY)
            yield file.read(columns=columns).replace_schema_metadata(None)
