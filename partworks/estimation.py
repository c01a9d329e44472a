"""What a run will cost, from a sample of the source's objects."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from partworks.config import Settings
from partworks.ledger import Ledger
from partworks.pipeline import RunRequest, run
from partworks.progress import Display
from partworks.records import Attempt, SourceRecord
from partworks.stages import STAGES
from partworks.store import Store

CONFIDENCE_Z = 1.645


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEstimate:
    """One stage of the whole run.

    Attributes:
        objects: objects that will reach the stage, by the share that did in the sample.
        worker_seconds: seconds of all its workers together.
        worker_seconds_error: half of the 90 % confidence interval of `worker_seconds`.
        disk_bytes: bytes that it leaves. cost: US dollars.
    """

    stage: str
    objects: float
    worker_seconds: float
    worker_seconds_error: float
    disk_bytes: float
    cost: float


def sample_records(
    records: Sequence[SourceRecord], count: int, *, seed: int
) -> tuple[SourceRecord, ...]:
    """`count` records drawn without replacement, in source order."""
    generator = np.random.default_rng(seed)
    chosen = generator.choice(len(records), size=min(count, len(records)), replace=False)
    return tuple(records[index] for index in sorted(chosen))


def estimate(
    request: RunRequest, records: Sequence[SourceRecord], *, count: int, display: Display
) -> list[StageEstimate]:
    """Run the request on a sample in a temporary root, and scale what it took to all records."""
    chosen = sample_records(records, count, seed=request.settings.run.seed)
    with tempfile.TemporaryDirectory(prefix="partworks-estimate-") as folder:
        store = Store(str(Path(folder) / "root"))
        only = {"ingest": tuple(record.uid for record in chosen)}
        settings = rehearsed(request.settings)
        run(replace(request, store=store, only=only, settings=settings), display)
        ledger = Ledger(store)
        attempts = {name: ledger.attempts(name) for name in request.stages}
        sizes = {path: store.size(path) for path in store.list("shards")}
    return estimate_stages(
        attempts, sampled=len(chosen), total=len(records), extra={"shards": sizes}
    )


def rehearsed(settings: Settings) -> Settings:
    """The same settings, with nothing in them that would be paid for."""
    configs = {
        name: STAGES[name].stage_class().rehearsal(config)
        for name, config in settings.configs.items()
    }
    return replace(settings, configs=configs)


def estimate_stages(
    attempts: Mapping[str, Sequence[Attempt]],
    *,
    sampled: int,
    total: int,
    extra: Mapping[str, Mapping[str, int]],
) -> list[StageEstimate]:
    """Scale the attempts at `sampled` objects to `total`.

    Args:
        attempts: stage -> what the sample took.
        extra: stage -> path -> bytes of files that belong to the data set as a whole.
    """
    factor = total / sampled
    estimates = []
    for name in STAGES:
        rows = attempts.get(name, ())
        seconds = np.array([row.seconds for row in rows])
        spread = float(seconds.std(ddof=1)) if len(seconds) > 1 else 0.0
        objects = len(rows) * factor
        error = CONFIDENCE_Z * spread / max(len(rows), 1) ** 0.5 * objects
        disk = sum(output.size for row in rows for output in row.outputs)
        disk += sum(extra.get(name, {}).values())
        estimates.append(
            StageEstimate(
                stage=name,
                objects=objects,
                worker_seconds=float(seconds.sum()) * factor,
                worker_seconds_error=error if sampled < total else 0.0,
                disk_bytes=disk * factor,
                cost=sum(row.cost for row in rows) * factor,
            )
        )
    return [row for row in estimates if row.stage in attempts]
