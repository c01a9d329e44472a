"""`partworks retry`: failed objects of a stage again, and the stages after it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from jsonargparse import ArgumentParser

from partworks.commands.failures import is_retryable
from partworks.commands.run import run_and_summarise
from partworks.commands.shared import add_root, one_stage, open_root, parse_with_settings
from partworks.ledger import Ledger
from partworks.pipeline import RunRequest
from partworks.stages import STAGES

TAKES_SETTINGS = True


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `retry`."""
    add_root(parser)
    parser.add_argument("--stage", type=str, required=True, help="The stage to retry.")
    parser.add_argument(
        "--reason",
        type=str | None,
        help="Only objects with this reason; needed to try rejected objects again.",
    )
    parser.add_argument(
        "--ray", type=str | None, help="Ray cluster: auto or an address; a local one if left out."
    )


def execute(parser: ArgumentParser, arguments: Sequence[str]) -> int:
    """Try again, then run the later stages that the root has run before."""
    parsed, settings, store = parse_with_settings(parser, arguments)
    stage = one_stage(parsed.stage)
    _, known = open_root(parsed.root)
    uids = [
        attempt.uid
        for attempt in Ledger(store).attempts(stage)
        if is_retryable(attempt, parsed.reason)
    ]
    if not uids:
        sys.stdout.write(f"{stage}: nothing to retry\n")
        return 0
    order = list(STAGES)
    later = [name for name in order[order.index(stage) + 1 :] if name in known.stages]
    request = RunRequest(
        store=store,
        settings=settings,
        stages=[stage, *later],
        address=parsed.ray,
        only={stage: uids},
    )
    return run_and_summarise(request)
