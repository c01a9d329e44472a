"""`partworks failures`: failed and rejected objects, grouped by reason."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict

from jsonargparse import ArgumentParser

from partworks.commands.shared import add_json, add_root, one_stage, open_root, print_json
from partworks.ledger import Ledger
from partworks.records import Attempt
from partworks.stages import STAGES
from partworks.summary import FailureGroup, group_failures

TAKES_SETTINGS = False


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `failures`."""
    add_root(parser)
    parser.add_argument("--stage", type=str | None, help="Only this stage.")
    add_json(parser)


def execute(parser: ArgumentParser, arguments: Sequence[str]) -> int:
    """Print a group a paragraph, the largest first."""
    parsed = parser.parse_args(arguments)
    stages = list(STAGES) if parsed.stage is None else [one_stage(parsed.stage)]
    store, _ = open_root(parsed.root)
    groups = group_failures(Ledger(store), stages)
    if parsed.json:
        print_json([asdict(group) for group in groups])
        return 0
    if not groups:
        sys.stdout.write("nothing failed, nothing was rejected\n")
    for group in groups:
        sys.stdout.write(_paragraph(group))
    return 0


def _paragraph(group: FailureGroup) -> str:
    lines = [
        f"{group.stage}: {group.count} {group.status}, {group.reason}",
        f"  {group.meaning}",
        f"  e.g. {_example(group)}: {group.example_message}",
    ]
    lines += [f"  | {line}" for line in group.example_stderr.splitlines()[-8:]]
    return "\n".join(lines) + "\n\n"


def _example(group: FailureGroup) -> str:
    where = f" ({group.example_location})" if group.example_location else ""
    return group.example_uid + where


def is_retryable(attempt: Attempt, reason: str | None) -> bool:
    """Whether `partworks retry` takes it: failed, or rejected for the very reason that is named."""
    if reason is None:
        return attempt.status == "failed"
    return attempt.status != "ok" and attempt.reason == reason
