"""`partworks status`: objects per stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from jsonargparse import ArgumentParser

from partworks import plan
from partworks.commands.shared import (
    add_json,
    add_root,
    open_root,
    parse_with_settings,
    print_json,
    print_table,
)
from partworks.config import as_tree
from partworks.outside import Outside
from partworks.plan import StageCounts
from partworks.summary import count_stages

COLUMNS = ("stage", "ok", "failed", "rejected", "stale", "pending", "waiting")

TAKES_SETTINGS = True


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `status`."""
    add_root(parser)
    add_json(parser)


def execute(parser: ArgumentParser, arguments: Sequence[str]) -> int:
    """Print the counts under the given settings, by default those of the last run."""
    parsed, settings, store = parse_with_settings(parser, arguments)
    open_root(parsed.root)
    marks = plan.fingerprints(settings.configs, seed=settings.run.seed)
    trees = {name: as_tree(config) for name, config in settings.configs.items()}
    counts = count_stages(store, marks, outside=Outside.read(store, trees))
    if parsed.json:
        print_json({name: asdict(row) for name, row in counts.items()})
    else:
        print_table(COLUMNS, table_rows(counts), title=store.url)
    return 0


def table_rows(counts: Mapping[str, StageCounts]) -> list[list[object]]:
    """One row a stage, as `COLUMNS` says."""
    return [[name, *asdict(row).values()] for name, row in counts.items()]
