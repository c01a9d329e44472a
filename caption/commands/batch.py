"""`partworks caption batch`: collect the batches that are done, send the requests that wait."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict

from jsonargparse import ArgumentParser, Namespace

from caption.commands.model import model_of
from caption.vlm.provider import Progress, Provider
from partworks.commands.shared import add_json, add_root, open_root, print_json
from partworks.errors import UsageError

TEXT = "Collect the batches that are done, and send the requests that wait."


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `batch`."""
    add_root(parser)
    parser.add_argument(
        "--wait", action="store_true", help="Ask again until no batch is under way."
    )
    parser.add_argument("--every", type=float, default=60.0, help="Seconds between two looks.")
    add_json(parser)


def execute(parsed: Namespace) -> int:
    """Advance the batches; 1 if some stay behind for want of money."""
    if parsed.every <= 0:
        raise UsageError(f"--every is {parsed.every}; it must be more than 0")
    store, dataset = open_root(parsed.root)
    provider = Provider(model_of(dataset), store)
    total = progress = provider.advance()
    while parsed.wait and progress.under_way:
        time.sleep(parsed.every)
        progress = provider.advance()
        total = Progress(
            sent=total.sent + progress.sent,
            collected=total.collected + progress.collected,
            under_way=progress.under_way,
            over_budget=progress.over_budget,
        )
    if parsed.json:
        print_json(asdict(total))
    else:
        _tell(total)
    return 1 if total.over_budget else 0


def _tell(progress: Progress) -> None:
    sys.stdout.write(
        f"{progress.sent} batches sent, {progress.collected} collected, "
        f"{progress.under_way} under way\n"
    )
    if progress.collected:
        sys.stdout.write("`partworks run` goes on with the objects that have answers now\n")
    if progress.over_budget:
        sys.stdout.write(
            f"{progress.over_budget} batches could cost more than is left of the budget; raise "
            "--caption.vlm.budget in the next run, then call again\n"
        )
