"""litdata on the same samples, in a Python of its own: `python -m benchmarks._litdata JSON`."""

from __future__ import annotations

import json
import shutil
import sys
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

import litdata

from benchmarks._plain_members import decode, read_tar, timed


def read_sample(path: str) -> dict[str, Any]:
    """One sample's own tar as litdata wants it."""
    (sample,) = read_tar(Path(path), ["*"])
    return {"__key__": Path(path).stem, **sample}


def write(paths: list[str], *, folder: str, chunk_bytes: int, workers: int) -> int:
    """Samples into litdata's chunks."""
    litdata.optimize(
        fn=read_sample,
        inputs=paths,
        output_dir=folder,
        chunk_bytes=chunk_bytes,
        num_workers=workers,
    )
    return len(paths)


def read(folder: str, *, patterns: list[str]) -> int:
    """Read every sample, and decode the members that a pattern fits; returns members decoded."""
    count = 0
    for sample in litdata.StreamingDataset(folder, shuffle=False):
        wanted = {
            name: data
            for name, data in sample.items()
            if any(fnmatchcase(name, pattern) for pattern in patterns)
        }
        count += decode(wanted)
    return count


def main(task: dict[str, Any]) -> None:
    """Write anew, or read; the last line on standard output is the result."""
    folder = task["folder"]
    if task["what"] == "write":
        shutil.rmtree(folder, ignore_errors=True)
        settings = {name: task[name] for name in ("chunk_bytes", "workers")}
        result = timed(partial(write, task["paths"], folder=folder, **settings))
    else:
        result = timed(partial(read, folder, patterns=task["patterns"]))
    print("\n" + json.dumps({**result, "version": litdata.__version__}))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
