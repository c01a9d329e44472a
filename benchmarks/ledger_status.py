"""`partworks status` on a ledger of a million rows: seconds and memory of the whole process."""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from partworks import dataset, plan
from partworks.config import default_settings
from partworks.dataset import Dataset, SourceSummary, StageRecord
from partworks.records import LEDGER_SCHEMA
from partworks.stages import STAGES
from partworks.store import Store

ROWS = 1_000_000
FILES = 8


def fill(store: Store) -> None:
    """A million rows over all stages, each object with one row a stage."""
    marks = plan.fingerprints(default_settings().configs, seed=0)
    objects = ROWS // len(STAGES)
    records = {
        name: StageRecord(version=1, settings={}, fingerprint=mark) for name, mark in marks.items()
    }
    source = SourceSummary(spec="samples", records=objects)
    dataset.save(store, Dataset(stages=records, source=source))
    generator = np.random.default_rng(0)
    uids = [generator.bytes(16).hex() for _ in range(objects)]
    for name, mark in marks.items():
        for part in range(FILES):
            table = _rows(name, mark, uids[part::FILES])
            sink = io.BytesIO()
            pq.write_table(table, sink, compression="zstd")
            store.write(f"ledger/{name}/{part:020d}-bench.parquet", sink.getvalue())


def _rows(name: str, mark: str, uids: list[str]) -> pa.Table:
    count = len(uids)
    output = [{"path": f"{name}/{uids[0]}", "sha256": "0" * 64, "size": 1}]
    columns = {
        "uid": uids,
        "stage": [name] * count,
        "status": ["failed" if number % 50 == 0 else "ok" for number in range(count)],
        "fingerprint": [mark] * count,
        "reason": ["deadline" if number % 50 == 0 else "" for number in range(count)],
        "message": [f"not done after 600 s, object {number}" for number in range(count)],
        "stderr": [""] * count,
        "finished_at": [float(number) for number in range(count)],
        "seconds": [1.0] * count,
        "peak_memory": [1 << 28] * count,
        "cost": [0.0] * count,
        "outputs": [output] * count,
        "metrics": [[("faces", "1000")]] * count,
        "tools": [[("partworks", "0.1.0")]] * count,
    }
    return pa.table(columns, schema=LEDGER_SCHEMA)


def main() -> None:
    """Build the ledger, then time the command."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Store(folder))
        start = time.monotonic()
        command = [sys.executable, "-m", "partworks.cli", "status", "--root", folder]
        subprocess.run(command, check=True)
        seconds = time.monotonic() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"status on {ROWS} rows: {seconds:.2f} s, {peak:.0f} MiB, process start included")


if __name__ == "__main__":
    main()
