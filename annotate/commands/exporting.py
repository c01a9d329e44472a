"""`partworks annotate export`: decisions into the root, or parts to edit elsewhere."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from annotate.commands.place import Place, add_place, place_of
from annotate.exchange.export import export_decisions
from annotate.exchange.posting import parts_glb
from partworks.commands.shared import add_json, print_json
from partworks.errors import UsageError

TEXT = "Write decisions into the root, for the annotate stage; or parts to edit elsewhere."


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `export`."""
    add_place(parser)
    parser.add_argument(
        "--queue",
        type=str | None,
        help="Only this pile; of all, the latest decision on an object counts.",
    )
    parser.add_argument(
        "--lines", action="store_true", help="Write the tables as JSON lines besides Parquet."
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help="Remove decisions on objects that the database knows nothing of.",
    )
    parser.add_argument(
        "--parts",
        type=str | None,
        help="Instead, write the parts of the object --uid into this GLB, a node for each.",
    )
    parser.add_argument("--uid", type=str | None, help="The object of --parts.")
    parser.add_argument(
        "--user",
        type=str | None,
        help="Whose review --parts shows; what was decided, or the start, if left out.",
    )
    add_json(parser)


def execute(parsed: Namespace) -> int:
    """Export, and say what changed."""
    place = place_of(parsed)
    if parsed.parts is not None:
        return _parts(place, parsed)
    with place.opened() as database:
        done = export_decisions(
            place.store,
            database,
            queue=parsed.queue,
            lines=parsed.lines,
            replace=parsed.replace,
        )
    if parsed.json:
        print_json(asdict(done))
    else:
        sys.stdout.write(
            f"{len(done.written)} decisions written, {len(done.unchanged)} unchanged, "
            f"{len(done.removed)} reopened and removed, {len(done.outdated)} left out because "
            "they were made on another segmentation\n"
        )
    return 0


def _parts(place: Place, parsed: Namespace) -> int:
    if parsed.uid is None:
        raise UsageError("--parts needs --uid, the object whose parts to write")
    with place.opened() as database:
        data = parts_glb(
            place.store,
            database,
            uid=parsed.uid,
            queue=parsed.queue or "default",
            user=parsed.user,
        )
    path = Path(parsed.parts).expanduser().absolute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise UsageError(f"--parts {path}: {error.strerror or error}") from error
    sys.stdout.write(f"{path}\n")
    return 0
