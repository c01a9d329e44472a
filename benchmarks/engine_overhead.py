"""What the engine adds to an object: a stage that does nothing, against bare Ray tasks."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace

import ray

from partworks import cluster, pipeline, stages
from partworks.config import default_settings
from partworks.pipeline import RunRequest, run
from partworks.progress import PlainDisplay
from partworks.stages import StageEntry
from partworks.store import Store

OBJECTS = 5000
WORKERS = 2


def bare_tasks(count: int) -> float:
    """Objects a second when each is a Ray task that returns at once, eight in flight."""

    def nothing(number: int) -> int:
        return number

    task = ray.remote(max_retries=0)(nothing)
    ray.get([task.remote(number) for number in range(8)])
    start = time.monotonic()
    flying = []
    for number in range(count):
        if len(flying) >= 8:
            done, flying = ray.wait(flying, num_returns=1)
            ray.get(done)
        flying.append(task.remote(number))
    ray.get(flying)
    return count / (time.monotonic() - start)


def engine(count: int, root: str) -> float:
    """Objects a second of a whole run, ledger included, Ray's start and the enumeration apart."""
    settings = default_settings()
    settings = replace(settings, run=replace(settings.run, workers=WORKERS))
    request = RunRequest(
        store=Store(root), settings=settings, source=f"noop:{count}", stages=["noop"]
    )
    start = time.monotonic()
    run(request, PlainDisplay())
    return count / (time.monotonic() - start)


def main() -> None:
    """Measure both in one run."""
    stages.STAGES.clear()
    stages.STAGES["noop"] = StageEntry("benchmarks._noop:Noop", "benchmarks._noop:NoopConfig")
    pipeline.SOURCES = "benchmarks._noop:NoopSource"
    with cluster.session(None, workers=WORKERS), tempfile.TemporaryDirectory() as folder:
        engine(100, f"{folder}/warm")
        whole = engine(OBJECTS, f"{folder}/run")
        bare = bare_tasks(OBJECTS)
    print(f"engine {whole:.0f} objects/s, bare Ray tasks {bare:.0f}/s on {WORKERS} CPUs")
    print(f"overhead {1000 / whole:.2f} ms an object, {bare / whole:.2f} times a bare task")


if __name__ == "__main__":
    main()
