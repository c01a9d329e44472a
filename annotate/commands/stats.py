"""`partworks annotate stats`: figures of a review."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from typing import Any

from jsonargparse import ArgumentParser, Namespace

from annotate.commands.place import add_place, place_of
from annotate.database.figures import report
from partworks.commands.shared import add_json, print_json, print_table
from partworks.errors import UsageError

TEXT = "Show progress, throughput, agreement, reasons and what else leads look at."


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `stats`."""
    add_place(parser)
    parser.add_argument(
        "--csv", type=str | None, help=f"One table as CSV: {', '.join(report.TABLES)}."
    )
    add_json(parser)


def execute(parsed: Namespace) -> int:
    """Print the tables."""
    if parsed.csv is not None and parsed.csv not in report.TABLES:
        raise UsageError(f"--csv {parsed.csv}: there are {', '.join(report.TABLES)}")
    with place_of(parsed).opened() as database, database.read() as session:
        figures = report.figures(session, now=time.time())
    if parsed.csv is not None:
        sys.stdout.write(report.to_csv(parsed.csv, getattr(figures, parsed.csv)))
    elif parsed.json:
        print_json(asdict(figures))
    else:
        for name in report.TABLES:
            _print(name, [asdict(row) for row in getattr(figures, name)])
    return 0


def _print(name: str, rows: list[dict[str, Any]]) -> None:
    """A table by its rows, without the columns that say nothing."""
    columns = [key for key in (rows[0] if rows else ()) if any(row[key] for row in rows)]
    if not columns:
        sys.stdout.write(f"{name}: nothing yet\n")
        return
    shown = [[_cell(row[key]) for key in columns] for row in rows]
    print_table([key.replace("_", " ") for key in columns], shown, title=name)


def _cell(value: Any) -> Any:
    return "" if value is None else value
