"""Ingest: objects a second through the whole engine, and where the time of one object goes."""

from __future__ import annotations

import argparse
import cProfile
import pstats
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks._spheres import files
from ingest.config import IngestConfig
from ingest.sources import open_source
from ingest.stage import Ingest
from partworks import cluster
from partworks.config import default_settings
from partworks.pipeline import RunRequest, run
from partworks.progress import PlainDisplay
from partworks.records import Item, SourceRecord
from partworks.store import Store

OBJECTS = 400
WORKERS = 2
ALONE = 40

STEPS = (
    # what, module, function; times of one are not in another
    ("fetch", "ingest/stage.py", "_bytes"),
    ("decode", "ingest/stage.py", "_decode"),
    ("normalise", "ingest/normalise.py", "normalise"),
    ("artist parts", "ingest/artist_parts.py", "artist_parts"),
    ("measure", "ingest/stage.py", "_measure"),
    ("write GLB", "gltf/writer.py", "write_glb"),
    ("hash and store", "partworks/store.py", "write_all"),
)


def through_the_engine(source: str, root: str, *, count: int) -> float:
    """Objects a second of a run of the stage, Ray's start apart."""
    settings = default_settings()
    settings = replace(settings, run=replace(settings.run, workers=WORKERS))
    request = RunRequest(store=Store(root), settings=settings, source=source, stages=["ingest"])
    start = time.monotonic()
    run(request, PlainDisplay())
    return count / (time.monotonic() - start)


def alone(records: list[SourceRecord], root: str) -> pstats.Stats:
    """The stage's own work on some objects, profiled in this process."""
    store = Store(root)
    stage = Ingest(IngestConfig(), store=store)
    profile = cProfile.Profile()
    for record in records:
        profile.enable()
        outcome = stage.process(Item(uid=record.uid, record=record))
        store.write_all(sorted(outcome.files.items()))
        profile.disable()
        if outcome.status != "ok":
            raise SystemExit(f"{record.name}: {outcome.reason}: {outcome.message}")
    return pstats.Stats(profile)


def plain(records: list[SourceRecord], root: str) -> float:
    """Processor seconds of the stage's own work on one object, unprofiled."""
    store = Store(root)
    stage = Ingest(IngestConfig(), store=store)
    start = time.process_time()
    for record in records:
        outcome = stage.process(Item(uid=record.uid, record=record))
        store.write_all(sorted(outcome.files.items()))
    return (time.process_time() - start) / len(records)


def spent(stats: pstats.Stats, module: str, function: str) -> float:
    """Seconds in a function and all that it calls."""
    entries = stats.stats.items()  # type: ignore[attr-defined]  # it has no public name
    return sum(
        entry[3] for (path, _, name), entry in entries if path.endswith(module) and name == function
    )


def main() -> None:
    """Throughput of about 10k faces without textures, then a table by step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=OBJECTS)
    count = parser.parse_args().objects
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source")
        source.mkdir()
        for name, data in files(count):
            (source / name).write_bytes(data)
        records = list(open_source(f"folder:{source}").records())[:ALONE]
        alone(records[:2], f"{folder}/warm")
        processor = plain(records, f"{folder}/plain")
        print(f"processor time of one object {1000 * processor:.1f} ms, {1 / processor:.1f} a core")
        start = time.perf_counter()
        stats = alone(records, f"{folder}/alone")
        each = (time.perf_counter() - start) / len(records)
        for what, module, function in STEPS:
            share = spent(stats, module, function) / len(records)
            print(f"{what:>16} {1000 * share:7.2f} ms {100 * share / each:5.1f} %")
        print(f"{'profiled, in all':>16} {1000 * each:7.2f} ms")
        with cluster.session(None, workers=WORKERS):
            through_the_engine(f"folder:{source}", f"{folder}/first", count=count)
            speed = through_the_engine(f"folder:{source}", f"{folder}/root", count=count)
    print(f"{speed:.1f} objects/s of 10240 faces through the engine with {WORKERS} workers")


if __name__ == "__main__":
    main()
