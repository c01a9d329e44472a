"""`partworks run`: do what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from jsonargparse import ArgumentParser

from partworks.commands.shared import (
    INTERRUPTED,
    add_root,
    parse_with_settings,
    print_table,
    stage_names,
)
from partworks.commands.status import COLUMNS, table_rows
from partworks.errors import UsageError
from partworks.pipeline import RunRequest, run
from partworks.progress import open_display
from partworks.stages import STAGES
from partworks.summary import count_stages

TAKES_SETTINGS = True


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `run`."""
    add_root(parser)
    parser.add_argument(
        "--source",
        type=str | None,
        help="samples, folder:DIR, manifest:FILE, objaverse:…, objaverse-xl:… or partverse:DIR; "
        "the source of the root's last run if left out.",
    )
    parser.add_argument(
        "--stages", type=str, default=",".join(STAGES), help="Stages to run, with commas between."
    )
    parser.add_argument(
        "--ray", type=str | None, help="Ray cluster: auto or an address; a local one if left out."
    )
    parser.add_argument("--limit", type=int | None, help="At most so many objects of the source.")


def execute(parser: ArgumentParser, arguments: Sequence[str]) -> int:
    """Run, then print what became of the objects."""
    parsed, settings, store = parse_with_settings(parser, arguments)
    stages = stage_names(parsed.stages)
    if parsed.limit is not None and parsed.limit < 1:
        raise UsageError(f"--limit is {parsed.limit}; it must be 1 or more")
    request = RunRequest(
        store=store,
        settings=settings,
        source=parsed.source,
        stages=stages,
        limit=parsed.limit,
        address=parsed.ray,
    )
    return run_and_summarise(request)


def run_and_summarise(request: RunRequest) -> int:
    """Run a request and print a table of the root's state; the exit code."""
    ended = run(request, open_display())
    counts = count_stages(request.store)
    print_table(COLUMNS, table_rows(counts), title=request.store.url)
    if not ended:
        return INTERRUPTED
    return 1 if any(counts[name].failed for name in request.stages) else 0
