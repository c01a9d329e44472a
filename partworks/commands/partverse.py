"""`partworks partverse`: the published layout of PartVerse, both ways."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from jsonargparse import ArgumentParser

from partworks.commands.run import run_and_summarise
from partworks.commands.shared import (
    add_json,
    add_root,
    open_root,
    parse_with_settings,
    print_json,
)
from partworks.config import add_settings
from partworks.errors import UsageError
from partworks.partverse.export import Exported, export_root
from partworks.pipeline import RunRequest
from partworks.records import check_uid
from partworks.store import Store

TAKES_SETTINGS = False
VERBS = {
    "import": "Bring objects with their parts and captions into a root.",
    "export": "Write the parts and captions of a root in that layout.",
}
STAGES = ("ingest", "segment", "annotate", "render", "caption")
"""What an import runs: captions are of parts that were rendered."""


def add_arguments(parser: ArgumentParser) -> None:
    """The verb; each has flags of its own."""
    verbs = [f"  {verb}  {text}" for verb, text in VERBS.items()]
    parser.usage = "partworks partverse VERB --root ROOT DIR [options]\n\n" + "\n".join(verbs)
    parser.add_argument("verb", choices=VERBS, help="`partworks partverse VERB --help` says more.")


def verb_parser(verb: str) -> ArgumentParser:
    """The parser of one verb, without the settings that `import` takes as `run` does."""
    more = " [settings]" if verb == "import" else ""
    parser = ArgumentParser(
        prog=f"partworks partverse {verb}",
        usage=f"partworks partverse {verb} --root ROOT DIR [options]{more}",
        description=VERBS[verb],
        allow_abbrev=False,
    )
    add_root(parser)
    if verb == "import":
        parser.add_argument("folder", type=str, help="Folder in PartVerse's layout.")
        parser.add_argument(
            "--ray", type=str | None, help="Ray cluster: auto or an address; local if left out."
        )
        parser.add_argument("--limit", type=int | None, help="At most so many objects.")
    else:
        parser.add_argument("folder", type=str, help="Folder or URL to write; empty or not there.")
        parser.add_argument(
            "--uid", type=str, nargs="+", default=[], help="Only these objects; all if left out."
        )
        add_json(parser)
    return parser


def execute(parser: ArgumentParser, arguments: Sequence[str]) -> int:
    """Do what the verb says."""
    verb = parser.parse_args(arguments[:1]).verb
    return {"import": _import, "export": _export}[verb](arguments[1:])


def _import(arguments: Sequence[str]) -> int:
    """`partworks run` over the folder, to the captions."""
    parser = verb_parser("import")
    add_settings(parser)
    parsed, settings, store = parse_with_settings(parser, arguments)
    if parsed.limit is not None and parsed.limit < 1:
        raise UsageError(f"--limit is {parsed.limit}; it must be 1 or more")
    request = RunRequest(
        store=store,
        settings=settings,
        source=f"partverse:{Path(parsed.folder).expanduser().absolute()}",
        stages=STAGES,
        limit=parsed.limit,
        address=parsed.ray,
    )
    return run_and_summarise(request)


def _export(arguments: Sequence[str]) -> int:
    """Write, and say what stayed behind; 1 if something did."""
    parsed = verb_parser("export").parse_args(arguments)
    store, known = open_root(parsed.root)
    done = export_root(store, known, Store(parsed.folder), uids=tuple(map(_uid, parsed.uid)))
    if parsed.json:
        print_json(asdict(done))
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(done))
    return 1 if done.left_out else 0


def _lines(done: Exported) -> Iterator[str]:
    yield from (f"{uid}: {why}" for uid, why in done.left_out.items())
    yield (
        f"{len(done.objects)} objects with {done.parts} parts written, {len(done.uncaptioned)} of "
        f"them without captions, {len(done.left_out)} left out"
    )


def _uid(text: str) -> str:
    try:
        return check_uid(text)
    except ValueError as error:
        raise UsageError(str(error)) from error
