"""`partworks report`: one HTML page with counts, charts, failures and pictures of the objects."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from jsonargparse import ArgumentParser

from partworks.commands.shared import add_root, open_root
from partworks.errors import UsageError
from partworks.report.page import build_page

PATH = "report/index.html"
LIMIT = 200

TAKES_SETTINGS = False


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `report`."""
    add_root(parser)
    parser.add_argument(
        "--output", type=str | None, help=f"A local file instead of {PATH} in the root."
    )
    parser.add_argument(
        "--limit", type=int, default=LIMIT, help="Objects that are shown, at the most."
    )


def execute(parser: ArgumentParser, arguments: Sequence[str]) -> int:
    """Write the page and print where it is."""
    parsed = parser.parse_args(arguments)
    if parsed.limit < 0:
        raise UsageError(f"--limit is {parsed.limit}; it must be 0 or more")
    store, known = open_root(parsed.root)
    page = build_page(store, known, limit=parsed.limit)
    if parsed.output is None:
        store.write(PATH, page)
        written = f"{store.url}/{PATH}"
    else:
        written = str(_write_file(Path(parsed.output).expanduser().absolute(), page))
    sys.stdout.write(f"{written}\n")
    return 0


def _write_file(path: Path, page: bytes) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page)
    except OSError as error:
        raise UsageError(f"--output {path}: {error.strerror or error}") from error
    return path
