"""The command line: `partworks VERB …`. Exit codes: 0 all well, 1 objects failed or a check is
breached, 2 the call itself was wrong, 130 stopped by a signal."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from jsonargparse import ArgumentParser

from partworks.commands.shared import INTERRUPTED
from partworks.config import add_settings
from partworks.errors import Failed, UsageError
from partworks.worker import StageOpenError

COMMANDS: dict[str, str] = {
    "run": "Do what is missing: fetch, segment, annotate, render, caption and pack objects.",
    "status": "Count the objects of every stage: ok, failed, rejected, stale, pending, waiting.",
    "failures": "Group failed and rejected objects by reason, with an example of each.",
    "retry": "Try failed objects of a stage again, and what follows from them.",
    "verify": "Check every checksum, hash and cross-reference of a root.",
    "estimate": "Say what a run will cost in time, disk and money, from a sample.",
    "report": "Write an HTML report with pictures of every object.",
    "annotate": "Review segments in the browser: serve, import, export, stats, users.",
    "caption": "Send and fetch batches of caption requests, and say what requests have cost.",
    "evaluate": "Measure how well segments agree with true parts.",
    "partverse": "Read and write the published layout of PartVerse: import, export.",
    "takedown": "Remove objects and all that derives from them, so that they stay away.",
}


def command(name: str) -> Any:
    """The module of a command."""
    return import_module(f"partworks.commands.{name}")


def build_parser(name: str, *, with_settings: bool = True) -> ArgumentParser:
    """The parser of one command, with a flag for every setting if the command takes them."""
    module = command(name)
    settings = module.TAKES_SETTINGS and with_settings
    more = " [settings]" if module.TAKES_SETTINGS else ""
    parser = ArgumentParser(
        prog=f"partworks {name}",
        usage=f"partworks {name} --root ROOT [options]{more}",
        description=COMMANDS[name],
        allow_abbrev=False,  # a shortened setting would change its meaning with the next release
    )
    module.add_arguments(parser)
    if settings:
        add_settings(parser)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in ("-h", "--help"):
        sys.stdout.write(usage())
        return 0 if given else 2
    if given[0] in ("-V", "--version"):
        from partworks import __version__

        sys.stdout.write(f"partworks {__version__}\n")
        return 0
    if given[0] not in COMMANDS:
        sys.stderr.write(f"partworks: there is no command {given[0]!r}\n\n{usage()}")
        return 2
    return _execute(given[0], given[1:])


def _execute(name: str, arguments: Sequence[str]) -> int:
    try:
        code = int(command(name).execute(build_parser(name), arguments))
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:  # before a run has its own way of ending
        return INTERRUPTED
    except (UsageError, Failed, StageOpenError) as error:
        sys.stderr.write(f"partworks {name}: {error}\n")
        return 2 if isinstance(error, UsageError) else 1
    return code


def usage() -> str:
    """What `partworks --help` prints."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {text}" for name, text in COMMANDS.items()]
    return "\n".join(
        ["usage: partworks COMMAND …", "", *lines, "", "partworks COMMAND --help says more.", ""]
    )


if __name__ == "__main__":
    sys.exit(main())
