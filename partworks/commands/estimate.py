"""`partworks estimate`: time, disk and money of a run, from a sample."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import asdict

from jsonargparse import ArgumentParser

from partworks.commands.shared import (
    add_json,
    add_root,
    parse_with_settings,
    print_json,
    print_table,
)
from partworks.errors import UsageError
from partworks.estimation import StageEstimate, estimate
from partworks.pipeline import RunRequest
from partworks.progress import PlainDisplay
from partworks.quantities import byte_size, duration
from partworks.stages import SOURCES, load

TAKES_SETTINGS = True


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `estimate`."""
    add_root(parser)
    parser.add_argument("--source", type=str, required=True, help="samples or folder:DIR.")
    parser.add_argument("--sample", type=int, default=5, help="Objects to try, drawn at random.")
    add_json(parser)


def execute(parser: ArgumentParser, arguments: Sequence[str]) -> int:
    """Run the sample in a temporary root and print what all of it would take."""
    parsed, settings, store = parse_with_settings(parser, arguments)
    if parsed.sample < 1:
        raise UsageError(f"--sample is {parsed.sample}; it must be 1 or more")
    records = list(load(SOURCES)(parsed.source).records())
    if not records:
        raise UsageError(f"--source {parsed.source}: no 3D asset found there")
    request = RunRequest(store=store, settings=settings, source=parsed.source)
    rows = estimate(request, records, count=parsed.sample, display=PlainDisplay())
    workers = settings.run.workers or os.cpu_count() or 1
    sampled = min(parsed.sample, len(records))
    if parsed.json:
        document = {
            "records": len(records),
            "sampled": sampled,
            "workers": workers,
            "stages": [asdict(row) for row in rows],
        }
        print_json(document)
        return 0
    _print(rows, workers=workers)
    sys.stdout.write(
        f"from {sampled} of {len(records)} objects; times are for {workers} workers, "
        "± is the 90 % confidence interval of the sample\n"
    )
    return 0


def _print(rows: Sequence[StageEstimate], *, workers: int) -> None:
    table = [_row(row.stage, [row], workers=workers) for row in rows]
    table.append(_row("all", rows, workers=workers))
    print_table(("stage", "objects", "time", "±", "disk", "US$"), table)


def _row(name: str, rows: Sequence[StageEstimate], *, workers: int) -> list[object]:
    return [
        name,
        round(max((row.objects for row in rows), default=0.0)),
        duration(sum(row.worker_seconds for row in rows) / workers),
        duration(sum(row.worker_seconds_error for row in rows) / workers),
        byte_size(sum(row.disk_bytes for row in rows)),
        sum(row.cost for row in rows),
    ]
