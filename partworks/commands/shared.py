"""What several commands have in common: the root argument, JSON output, tables."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jsonargparse import ArgumentParser, Namespace
from rich.console import Console
from rich.table import Table

from partworks import dataset
from partworks.config import Settings, settings_from, use_as_defaults
from partworks.dataset import Dataset
from partworks.errors import UsageError
from partworks.stages import STAGES
from partworks.store import Store

INTERRUPTED = 130
"""The exit code of a call that a signal has stopped, as shells have it."""


def add_root(parser: ArgumentParser) -> None:
    """Add `--root`."""
    parser.add_argument(
        "--root", type=str, required=True, help="Dataset root: a folder or any fsspec URL."
    )


def add_json(parser: ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument(
        "--json", action="store_true", help="Print one JSON document on stdout and nothing else."
    )


def parse_with_settings(
    parser: ArgumentParser, arguments: Sequence[str]
) -> tuple[Namespace, Settings, Store]:
    """Parse a command that takes settings.

    Without `--config` the settings of the root's last run are the defaults, so that a rerun
    repeats them; with it, the defaults are the stages' own.
    """
    if not any(word.split("=")[0] == "--config" for word in arguments):
        known = dataset.load(Store(_root_of(arguments))) if _root_of(arguments) else None
        if known is not None:
            use_as_defaults(parser, known)
    parsed = parser.parse_args(arguments)
    return parsed, settings_from(parser, parsed), Store(parsed.root)


def _root_of(arguments: Sequence[str]) -> str:
    for word, following in zip(arguments, (*arguments[1:], ""), strict=False):
        if word == "--root":
            return following
        if word.startswith("--root="):
            return word.removeprefix("--root=")
    return ""


def open_root(url: str) -> tuple[Store, Dataset]:
    """The store and `dataset.json` of an existing root."""
    if "://" not in url and not Path(url).expanduser().is_dir():
        dataset.require(Store(url))
    store = Store(url)
    return store, dataset.require(store)


def stage_names(text: str) -> list[str]:
    """`a,b` as names in pipeline order; UsageError for a name that is none."""
    named = {name.strip() for name in text.split(",") if name.strip()}
    unknown = sorted(named - set(STAGES))
    if unknown or not named:
        what = ", ".join(unknown) or "nothing"
        raise UsageError(f"{what} is no stage; there are {', '.join(STAGES)}")
    return [name for name in STAGES if name in named]


def one_stage(text: str) -> str:
    """The name of one stage; UsageError for anything else."""
    names = stage_names(text)
    if len(names) != 1:
        raise UsageError(f"{text!r} names {len(names)} stages; name one")
    return names[0]


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = ""
) -> None:
    """A table on stdout; the first column is text, numbers stand right."""
    table = Table(title=title or None, title_justify="left")
    for index, column in enumerate(columns):
        numeric = index > 0 and all(isinstance(row[index], int | float) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    Console().print(table)


def _cell(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
