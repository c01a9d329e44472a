"""`python -m shards VERB …`: look at a training set wherever it lies, without its dataset root.

Exit codes: 0 all well, 1 a check is breached or something is damaged, 2 the call itself was wrong.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from partworks.errors import Failed, UsageError
from shards import commands
from shards.reader import DamagedSampleError

ADDRESS = "A dataset root or its shards folder: a path or any fsspec URL."


def build_parser() -> argparse.ArgumentParser:
    """The parser of all verbs."""
    parser = argparse.ArgumentParser(
        prog="python -m shards", description="Look at a training set.", allow_abbrev=False
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, (execute, addresses, about) in VERBS.items():
        verb = verbs.add_parser(name, help=about, description=about, allow_abbrev=False)
        for address in addresses:
            verb.add_argument(address.lower(), metavar=address, help=ADDRESS)
        verb.add_argument(
            "--json", action="store_true", help="Print one JSON document on stdout, nothing else."
        )
        verb.set_defaults(execute=execute)
    return parser


VERBS = {
    "card": (commands.card, ("URL",), "Print the card; with --json its statistics."),
    "diff": (commands.diff, ("OLD", "NEW"), "Say what changed between two versions, and why."),
    "check": (commands.check, ("URL",), "Hold every byte against the checksums of the index."),
}
"""Verb -> what it calls, the addresses that it takes, what it does."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code."""
    try:
        given = build_parser().parse_args(arguments)
    except SystemExit as stop:  # argparse has said what is wrong, or has printed the help
        return int(stop.code or 0)
    try:
        code = int(given.execute(given))
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except UsageError as error:
        sys.stderr.write(f"shards {given.verb}: {error}\n")
        return 2
    except (Failed, DamagedSampleError, OSError) as error:
        sys.stderr.write(f"shards {given.verb}: {error}\n")
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
