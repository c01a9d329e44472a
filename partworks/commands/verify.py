"""`partworks verify`: every checksum, hash and cross-reference."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict

from jsonargparse import ArgumentParser

from partworks.commands.shared import add_json, add_root, open_root, print_json
from partworks.verification import verify

TAKES_SETTINGS = False


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `verify`."""
    add_root(parser)
    add_json(parser)


def execute(parser: ArgumentParser, arguments: Sequence[str]) -> int:
    """Print every breach; 1 if there is any."""
    parsed = parser.parse_args(arguments)
    store, known = open_root(parsed.root)
    breaches = list(verify(store, known))
    if parsed.json:
        print_json([asdict(breach) for breach in breaches])
    else:
        for breach in breaches:
            sys.stdout.write(f"{breach.kind}: {breach.path}: {breach.message}\n")
        verdict = f"{len(breaches)} breaches" if breaches else "all well"
        sys.stdout.write(f"{store.url}: {verdict}\n")
    return 1 if breaches else 0
