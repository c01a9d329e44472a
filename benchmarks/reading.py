"""How fast shards are written and read, beside raw tar reading, webdataset and litdata.

`python -m benchmarks.reading [--samples N] [--rounds N] [--folder DIR] [--litdata-python PATH]`

The samples are made: an npz of 1 to 4 MB, eight views of 512 × 512 as webp, a json. All are read
from the page cache by one process. Every way of reading decodes the same members: all of them, or
json and points alone. With `plain` decoding NumPy and Pillow are called as anyone would call them,
the same for all; `own` is the reader's. `unchecked` is `plain` without comparing checksums, as
litdata reads.

litdata has to be in an environment of its own, because it brings packages that break others:

    uv venv litdata && uv pip install --python litdata/bin/python litdata numpy pillow
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import webdataset
from PIL import Image

from benchmarks._plain_members import decode, read_tar, timed
from partworks import layout
from partworks.store import Store
from shards import tar
from shards.index import IndexWriter
from shards.manifest import Entry
from shards.packing import pack_shard
from shards.reader import Draws, ShardDataset, ShardIndex, stream
from shards.split import SplitShares

SHARD_BYTES = 64 << 20
VIEWS, SIDE = 8, 512
TASKS = {"all members": ("*",), "json and points": ("json", "points.npz")}

Work = Callable[[], int]
Times = dict[str, dict[str, float]]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=120)
    parser.add_argument("--rounds", type=int, default=3, help="the best one counts")
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder if absent")
    parser.add_argument("--litdata-python", type=Path, help="a Python that has litdata")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        bench = Bench(Path(folder), options.samples, options.litdata_python)
        times: dict[str, Times] = {}
        for _ in range(options.rounds):
            for group, works in bench.groups().items():
                for name, work in works.items():
                    best = times.setdefault(group, {}).get(name)
                    found = work()
                    times[group][name] = least(best, found) if best else found
        bench.print(times)
    return 0


def least(before: dict[str, float], now: dict[str, float]) -> dict[str, float]:
    """The least seconds of both kinds: other work on the machine only ever adds."""
    return {name: min(before[name], now[name]) for name in before}


class Bench:
    """The samples, and every way to write and to read them.

    Args:
        folder: where to work.
        count: samples.
        litdata: a Python that has litdata, or None to leave it out.
    """

    def __init__(self, folder: Path, count: int, litdata: Path | None) -> None:
        self.store = Store(str(folder))
        self.folder = folder
        self.litdata = litdata
        self.entries = [write_sample(self.store, number) for number in range(count)]
        self.bytes = sum(entry.size for entry in self.entries)
        self.version = ""
        write_shards(self.store, self.entries)

    def groups(self) -> dict[str, dict[str, Callable[[], dict[str, float]]]]:
        """Group -> way -> its measurement."""
        measure: dict[str, dict[str, Callable[[], dict[str, float]]]] = {"writing": {}}
        own = partial(write_shards, self.store, self.entries)
        measure["writing"]["shards"] = partial(timed, own)
        if self.litdata:
            for workers in (1, 2):
                name = f"litdata, {workers} workers"
                measure["writing"][name] = partial(self._litdata, "write", workers=workers)
        for task, patterns in TASKS.items():
            works = self._readers(patterns)
            measure[task] = {name: partial(timed, work) for name, work in works.items()}
            if self.litdata:
                measure[task]["litdata, plain"] = partial(
                    self._litdata, "read", patterns=list(patterns)
                )
        return measure

    def _readers(self, patterns: tuple[str, ...]) -> dict[str, Work]:
        paths = sorted((self.folder / "shards").glob("*.tar"))
        index = ShardIndex(str(self.folder))
        unchecked = ShardIndex(str(self.folder), check="none")
        options: dict[str, Any] = {"members": patterns, "on_damage": "raise"}
        shuffled = ShardDataset(index, split="train", **options)
        draws = Draws(len(shuffled), seed=0)
        return {
            "raw tar, plain": partial(
                decoded, lambda: (each for path in paths for each in read_tar(path, patterns))
            ),
            "webdataset, plain": partial(decoded, lambda: through_webdataset(paths, patterns)),
            "stream, plain": partial(decoded, lambda: stream(index, decode=False, **options)),
            "stream, unchecked": partial(
                decoded, lambda: stream(unchecked, decode=False, **options)
            ),
            "stream, own": partial(decoded, lambda: stream(index, **options)),
            "random access, plain": partial(
                decoded, lambda: (shuffled[draws[place]] for place in range(len(shuffled)))
            ),
        }

    def _litdata(self, what: str, **settings: Any) -> dict[str, float]:
        task = {
            "what": what,
            "folder": str(self.folder / "litdata"),
            "paths": [str(self.folder / layout.sample(entry.uid)) for entry in self.entries],
            "chunk_bytes": SHARD_BYTES,
            **settings,
        }
        ran = subprocess.run(
            [str(self.litdata), "-m", "benchmarks._litdata", json.dumps(task)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        if ran.returncode:
            raise SystemExit(f"litdata failed:\n{ran.stderr[-2000:]}")
        found: dict[str, Any] = json.loads(ran.stdout.strip().splitlines()[-1])
        self.version = found.pop("version")
        return found

    def print(self, times: dict[str, Times]) -> None:
        """The best of all rounds, and each beside the first of its group."""
        count = len(self.entries)
        print(f"{count} samples, {self.bytes / 1e6 / count:.2f} MB each; speeds beside the first")
        for group, found in times.items():
            first = next(iter(found.values()))
            print(f"{group}:")
            for name, each in found.items():
                assert each["count"] == first["count"], f"{name} did other work"
                wall, cpu = each["wall"], each["cpu"]
                print(
                    f"  {name:22s} {count / wall:7.1f} samples/s "
                    f"{self.bytes / 1e6 / wall:6.0f} MB/s {first['wall'] / wall:7.1%}"
                    f"   cpu {cpu:6.2f} s {first['cpu'] / cpu:7.1%}"
                )
        left_out = "left out: no --litdata-python was given"
        print(f"litdata {self.version if self.litdata else left_out}")


def decoded(samples: Callable[[], Iterable[dict[str, Any]]]) -> int:
    """Decode what still is bytes; returns members."""
    count = 0
    for sample in samples():
        names = [name for name in sample if not name.startswith("__")]
        values = {name: sample[name] for name in names}
        if any(isinstance(value, bytes) for value in values.values()):
            decode(values)
        count += len(names)
    return count


def through_webdataset(paths: list[Path], patterns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Its own pipeline, which reads every member; those that are not wanted are let go."""
    wanted = None if patterns == ("*",) else set(patterns)
    dataset = webdataset.WebDataset([str(path) for path in paths], shardshuffle=False)
    for sample in dataset:
        yield {
            name: data
            for name, data in sample.items()
            if not name.startswith("__") and (wanted is None or name in wanted)
        }


def write_shards(store: Store, entries: list[Entry]) -> int:
    """The stage's own packing, from samples to shards and index."""
    index = IndexWriter(SplitShares(val=0.0, test=0.0))
    shard: list[Entry] = []
    number = 0
    for entry in [*entries, None]:
        if entry is None or sum(each.size for each in shard) + entry.size > SHARD_BYTES:
            name = f"train-{number:06d}.tar"
            data, manifest = pack_shard(shard, store=store)
            store.write(f"shards/{name}", data)
            store.write(f"shards/manifests/train-{number:06d}.parquet", manifest.to_bytes())
            index.add(name, manifest)
            shard, number = [], number + 1
        if entry is not None:
            shard.append(entry)
    store.write("shards/index.parquet", index.to_bytes())
    return len(entries)


def write_sample(store: Store, number: int) -> Entry:
    """A sample as the stage leaves it: its size differs, and its pictures repeat after a while."""
    generator = np.random.default_rng(number)
    uid = f"made{number:06d}"
    parts = int(generator.integers(6, 37))
    members = {f"object.{view:02d}.webp": picture((number + view) % 16) for view in range(VIEWS)}
    table = [{"index": part, "caption_long": "a made part " * 20} for part in range(parts)]
    members["json"] = json.dumps({"uid": uid, "parts": table}).encode()
    members["points.npz"] = points(parts, generator)
    data = tar.pack({f"{uid}.{name}": members[name] for name in sorted(members)})
    store.write(layout.sample(uid), data)
    digest = hashlib.sha256(data).hexdigest()
    return Entry(uid=uid, sha256=digest, size=len(data), split="train", family=uid)


def points(parts: int, generator: np.random.Generator) -> bytes:
    """4096 points of each part and 16384 of the object, 0.4 MB and 0.1 MB a part."""
    buffer = io.BytesIO()
    arrays = {
        "part_surface": generator.normal(size=(parts, 4096, 6)),
        "object_surface": generator.normal(size=(16384, 6)),
        "part_box": generator.normal(size=(parts, 2, 3)),
    }
    np.savez(buffer, **{name: array.astype(np.float32) for name, array in arrays.items()})
    return buffer.getvalue()


_pictures: dict[int, bytes] = {}


def picture(number: int) -> bytes:
    """A shaded blob with a little noise before nothing, which packs as renders do."""
    if number not in _pictures:
        generator = np.random.default_rng(number)
        y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
        waves = generator.uniform(2, 9, (3, 2))
        color = np.stack([np.sin(a * x + b * y) for a, b in waves], axis=-1) * 90 + 128
        color += generator.normal(scale=6, size=color.shape)
        alpha = 255.0 * (x**2 + y**2 < generator.uniform(0.4, 0.9))
        pixels = np.concatenate([color, alpha[..., None]], axis=-1).clip(0, 255).astype(np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "webp", quality=90)
        _pictures[number] = buffer.getvalue()
    return _pictures[number]


if __name__ == "__main__":
    sys.exit(main())
