"""`partworks caption`: batches of requests and what they cost; the verbs live with the stage."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from jsonargparse import ArgumentParser

from partworks.stages import CAPTION_COMMANDS

TAKES_SETTINGS = False
VERBS = {"batch": "batch", "spending": "spending"}
"""Verb -> the module that does it."""


def add_arguments(parser: ArgumentParser) -> None:
    """The verb; each has flags of its own."""
    width = max(map(len, VERBS))
    verbs = [f"  {verb:<{width}}  {_module(verb).TEXT}" for verb in VERBS]
    parser.usage = "partworks caption VERB --root ROOT [options]\n\n" + "\n".join(verbs)
    parser.add_argument("verb", choices=VERBS, help="`partworks caption VERB --help` says more.")


def verb_parser(verb: str) -> ArgumentParser:
    """The parser of one verb."""
    module = _module(verb)
    parser = ArgumentParser(
        prog=f"partworks caption {verb}",
        usage=f"partworks caption {verb} --root ROOT [options]",
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
    return import_module(f"{CAPTION_COMMANDS}.{VERBS[verb]}")
