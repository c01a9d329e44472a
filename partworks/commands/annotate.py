"""`partworks annotate`: the review of segments by people; the verbs live with the stage."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from jsonargparse import ArgumentParser

from partworks.stages import REVIEW_COMMANDS

TAKES_SETTINGS = False
VERBS = {
    "serve": "serve",
    "import": "importing",
    "export": "exporting",
    "stats": "stats",
    "train": "training",
    "users": "users",
}
"""Verb -> the module that does it."""


def add_arguments(parser: ArgumentParser) -> None:
    """The verb; each has flags of its own."""
    width = max(map(len, VERBS))
    verbs = [f"  {verb:<{width}}  {_module(verb).TEXT}" for verb in VERBS]
    parser.usage = "partworks annotate VERB --root ROOT [options]\n\n" + "\n".join(verbs)
    parser.add_argument("verb", choices=VERBS, help="`partworks annotate VERB --help` says more.")


def verb_parser(verb: str) -> ArgumentParser:
    """The parser of one verb."""
    module = _module(verb)
    parser = ArgumentParser(
        prog=f"partworks annotate {verb}",
        usage=f"partworks annotate {verb} --root ROOT [options]",
        description=module.TEXT,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    return parser


def execute(parser: ArgumentParser, arguments: Sequence[str]) -> int:
    """Do what the verb says."""
    verb = parser.parse_args(arguments[:1]).verb
    return int(_module(verb).execute(verb_parser(verb).parse_args(arguments[1:])))


def _module(verb: str) -> Any:
    return import_module(f"{REVIEW_COMMANDS}.{VERBS[verb]}")
