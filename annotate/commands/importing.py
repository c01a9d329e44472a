"""`partworks annotate import`: tasks from a root, or parts that were edited elsewhere."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from annotate.commands.place import Place, add_place, place_of
from annotate.exchange.posting import post_parts
from annotate.exchange.priority import Order, Weights
from annotate.exchange.tasks import ImportRequest, import_tasks
from partworks.commands.shared import add_json, print_json
from partworks.errors import UsageError
from partworks.records import check_uid

TEXT = "Make tasks of a root's objects, or take in parts that were edited elsewhere."


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `import`."""
    add_place(parser)
    parser.add_argument("--queue", type=str, default="default", help="The pile of tasks.")
    parser.add_argument(
        "--uid", type=str, nargs="+", default=[], help="Only these objects; all if left out."
    )
    parser.add_argument("--limit", type=int | None, help="At most so many new tasks.")
    parser.add_argument(
        "--order", type=Order, default="easy", help="Which objects are handed out first."
    )
    parser.add_argument(
        "--double-share",
        type=float,
        default=0.0,
        help="Share of the objects that two people review, neither seeing the other.",
    )
    parser.add_argument(
        "--parts",
        type=str | None,
        help="A GLB with a node for each part of the object --uid, which --user holds: its parts "
        "become operations of that review, to be looked at and accepted in the page.",
    )
    parser.add_argument("--user", type=str | None, help="Whose review --parts goes to.")
    parser.add_argument(
        "--drop-missing", action="store_true", help="Drop the faces that --parts lacks."
    )
    add_json(parser)


def execute(parsed: Namespace) -> int:
    """Import, and say what it did; 1 if some objects cannot be reviewed."""
    place = place_of(parsed)
    if parsed.parts is not None:
        return _parts(place, parsed)
    if not 0 <= parsed.double_share <= 1:
        raise UsageError(f"--double-share is {parsed.double_share}; it must lie between 0 and 1")
    if parsed.limit is not None and parsed.limit < 0:
        raise UsageError(f"--limit is {parsed.limit}; it must be 0 or more")
    request = ImportRequest(
        queue=parsed.queue,
        uids=tuple(map(_uid, parsed.uid)),
        limit=parsed.limit,
        weights=Weights.of(parsed.order),
        double_share=parsed.double_share,
    )
    with place.opened() as database:
        done = import_tasks(place.store, database, place.blob_store, request=request)
    if parsed.json:
        print_json(asdict(done))
    else:
        lines = [f"{uid}: {why}" for uid, why in done.unfit.items()]
        lines.append(
            f"{len(done.added)} new tasks, {len(done.present)} were there, "
            f"{len(done.superseded)} put aside for a newer segmentation"
        )
        sys.stdout.writelines(f"{line}\n" for line in lines)
    return 1 if done.unfit else 0


def _parts(place: Place, parsed: Namespace) -> int:
    if len(parsed.uid) != 1 or parsed.user is None:
        raise UsageError("--parts needs one --uid, and --user, who holds the object")
    path = Path(parsed.parts).expanduser()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"--parts {path}: {error.strerror or error}") from error
    with place.opened() as database:
        count = post_parts(
            place.store,
            database,
            uid=_uid(parsed.uid[0]),
            queue=parsed.queue,
            user=parsed.user,
            data=data,
            may_drop=parsed.drop_missing,
        )
    if parsed.json:
        print_json({"operations": count})
    else:
        told = f"{count} operations" if count else "no change"
        sys.stdout.write(f"{parsed.uid[0]}: {told}; reload the page and accept there\n")
    return 0


def _uid(text: str) -> str:
    try:
        return check_uid(text)
    except ValueError as error:
        raise UsageError(str(error)) from error
