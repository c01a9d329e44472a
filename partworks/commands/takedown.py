"""`partworks takedown`: an object and all that derives from it goes, and does not come back."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from jsonargparse import ArgumentParser

from partworks.commands.shared import add_json, add_root, open_root, print_json
from partworks.errors import UsageError
from partworks.records import check_uid
from partworks.takedown.removal import TakenDown, take_down

TAKES_SETTINGS = False
OUT_OF_REACH = (
    "what was trained on it: weights forget nothing; train again without it",
    "latents that `python -m train encode` wrote: encode the shards as they are now again",
    "copies elsewhere: published shards, PartVerse exports, reports written with --output, "
    "downloads in ~/.objaverse, backups, older versions of a bucket's files",
    "what reviewers did: operations and reviews name segments by number and stay in the audit "
    "trail; suggestions that learned from them were not unlearned",
)
"""What a takedown cannot clean."""


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `takedown`."""
    parser.usage = "partworks takedown --root ROOT UID… [options]"
    parser.add_argument("uids", type=str, nargs="+", help="Uids of the objects to take down.")
    add_root(parser)
    parser.add_argument(
        "--reason", type=str, default="", help="Why, for the list in takedowns.json."
    )
    parser.add_argument(
        "--database",
        type=str | None,
        help="The review database, sqlite:///FILE or postgresql://USER@HOST/NAME, if it is not "
        "review/review.db of a local root.",
    )
    parser.add_argument(
        "--blobs", type=str | None, help="Its folder of blobs, if not review/blobs of a local root."
    )
    add_json(parser)


def execute(parser: ArgumentParser, arguments: Sequence[str]) -> int:
    """Take down, and say what went and what cannot be reached."""
    parsed = parser.parse_args(arguments)
    store, _ = open_root(parsed.root)
    done = take_down(
        store,
        map(_uid, parsed.uids),
        reason=parsed.reason,
        database=parsed.database,
        blobs=parsed.blobs,
    )
    if parsed.json:
        print_json({**asdict(done), "out_of_reach": list(OUT_OF_REACH)})
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(done))
    return 0


def _lines(done: TakenDown) -> Iterator[str]:
    yield f"taken down: {', '.join(done.everything)}"
    if done.same_bytes:
        yield f"  of these, not named but the very same source file: {', '.join(done.same_bytes)}"
    if done.unknown:
        yield (
            f"  not in the root, and now not to come in: {', '.join(done.unknown)}; if a uid is "
            "mistyped, remove it from takedowns.json"
        )
    yield f"  {len(done.files)} files and {done.rows} rows of the ledger removed"
    if done.remade:
        yield f"  made again without them: {', '.join(done.remade)}"
    if done.tasks is None:
        yield "  no review database here; if there is one elsewhere, run again with --database"
    else:
        yield f"  {done.tasks} review tasks withdrawn"
    if done.copies:
        yield (
            f"  refused as copies of them, and judged anew by the next run: "
            f"{', '.join(done.copies)}; take them down too if they are the same work"
        )
    yield "out of reach of this command:"
    yield from (f"  {line}" for line in OUT_OF_REACH)


def _uid(text: str) -> str:
    try:
        return check_uid(text)
    except ValueError as error:
        raise UsageError(str(error)) from error
