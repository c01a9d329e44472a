"""Members read and decoded as anyone would who knows tar, NumPy and Pillow and nothing of us.

It runs in the environment of others too, so it imports nothing else.
"""

from __future__ import annotations

import io
import json
import resource
import tarfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def read_tar(path: Path, patterns: Iterable[str]) -> Iterator[dict[str, bytes]]:
    """The samples of a tar, with the members that a pattern fits."""
    key, sample = "", {}
    with tarfile.open(path) as archive:
        for info in archive:
            name, _, member = info.name.partition(".")
            if name != key and sample:
                yield sample
                sample = {}
            key = name
            if any(fnmatchcase(member, pattern) for pattern in patterns):
                stream = archive.extractfile(info)
                assert stream is not None
                sample[member] = stream.read()
    if sample:
        yield sample


def decode(sample: Mapping[str, Any]) -> int:
    """Decode the members that are bytes; returns how many they were."""
    count = 0
    for name, data in sample.items():
        if name.endswith(".npz"):
            with np.load(io.BytesIO(data)) as archive:
                _ = {array: archive[array] for array in archive.files}
        elif name.endswith(".webp"):
            with Image.open(io.BytesIO(data)) as image:
                np.array(image)
        elif name == "json":
            json.loads(bytes(data))
        else:
            continue
        count += 1
    return count


def timed(work: Callable[[], int]) -> dict[str, float]:
    """Wall seconds of a call, CPU seconds with those of its processes, and what it counted."""
    wall, cpu = time.perf_counter(), _cpu_seconds()
    count = work()
    return {"count": count, "wall": time.perf_counter() - wall, "cpu": _cpu_seconds() - cpu}


def _cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
