"""`partworks annotate serve`: the review server."""

from __future__ import annotations

import sys

from jsonargparse import ArgumentParser, Namespace

from annotate.commands.place import Place, add_place, place_of
from annotate.database.rules import QueueRules
from annotate.server.settings import ServerSettings
from partworks.errors import UsageError

TEXT = "Run the review server."


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `serve`."""
    add_place(parser)
    rules = QueueRules()
    parser.add_argument("--host", type=str, default="127.0.0.1", help="Address to listen at.")
    parser.add_argument("--port", type=int, default=8765, help="Port to listen at.")
    parser.add_argument(
        "--name",
        type=str,
        nargs="+",
        default=[],
        help="Further host names that browsers may call the server by; others are refused.",
    )
    parser.add_argument(
        "--tls",
        action="store_true",
        help="A proxy in front speaks TLS, so cookies are never sent without it.",
    )
    parser.add_argument(
        "--gold-share",
        type=float,
        default=rules.gold_share,
        help="Share of what a reviewer is handed that has a known answer.",
    )
    parser.add_argument(
        "--agree-iou",
        type=float,
        default=rules.agree_iou,
        help="Two opinions with a lower mean IoU go to a lead.",
    )


def execute(parsed: Namespace) -> int:
    """Serve until a signal ends it."""
    from annotate.server.serve import serve

    settings = settings_of(place_of(parsed), parsed)
    serve(settings, tell=lambda address: sys.stderr.write(greeting(settings, address)))
    return 0


def settings_of(place: Place, parsed: Namespace) -> ServerSettings:
    """What the server is told; UsageError for shares that are none."""
    for flag, share in (("gold-share", parsed.gold_share), ("agree-iou", parsed.agree_iou)):
        if not 0 <= share <= 1:
            raise UsageError(f"--{flag} is {share}; it must lie between 0 and 1")
    return ServerSettings(
        database=place.database,
        blobs=place.blobs,
        root=place.store.url,
        host=parsed.host,
        port=parsed.port,
        hosts=tuple(parsed.name),
        secure_cookies=parsed.tls,
        rules=QueueRules(gold_share=parsed.gold_share, agree_iou=parsed.agree_iou),
    )


def greeting(settings: ServerSettings, address: str) -> str:
    """What is said at the start; a token in the address is for whoever sees this terminal."""
    lines = [f"review server: {address}"]
    if not (settings.static / "index.html").is_file():
        lines.append("the page is not built: run `make annotate` in the checkout")
    return "\n".join(lines) + "\n"
