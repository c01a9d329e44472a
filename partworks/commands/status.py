"""`partworks status`: objects per stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from jsonargparse import ArgumentParser

from partworks import dataset, plan
from partworks.commands.shared import (
    add_json,
    add_root,
    open_root,
    parse_with_settings,
    print_json,
    print_table,
)
from partworks.ledger import Ledger
from partworks.plan import StageCounts
from partworks.stages import STAGES
from partworks.store import Store

COLUMNS = ("stage", "ok", "failed", "rejected", "stale", "pending")


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `status`, but for the settings."""
    add_root(parser)
    add_json(parser)


def execute(parser: ArgumentParser, arguments: Sequence[str]) -> int:
    """Print the counts under the given settings, by default those of the last run."""
    parsed, settings, store = parse_with_settings(parser, arguments)
    open_root(parsed.root)
    marks = plan.fingerprints(settings.configs, seed=settings.run.seed)
    counts = count_stages(store, marks)
    if parsed.json:
        print_json({name: asdict(row) for name, row in counts.items()})
    else:
        print_table(COLUMNS, table_rows(counts), title=store.url)
    return 0


def count_stages(store: Store, marks: Mapping[str, str] | None = None) -> dict[str, StageCounts]:
    """Counts of every stage; a stage's rows are current if they carry its mark.

    Without `marks`, those of `dataset.json` count, and a stage that was never run has none.
    """
    known = dataset.require(store)
    marks = marks or known.marks
    ledger = Ledger(store)
    records = known.source.records if known.source else 0
    return {
        name: plan.count(ledger, name, entry.stage_class().needs, marks, known=records)
        for name, entry in STAGES.items()
        if name in marks
    }


def table_rows(counts: Mapping[str, StageCounts]) -> list[list[object]]:
    """One row a stage, as `COLUMNS` says."""
    return [[name, *asdict(row).values()] for name, row in counts.items()]
