"""`partworks annotate users`: who may come in."""

from __future__ import annotations

import getpass
import sys
import time
from typing import Literal

from jsonargparse import ArgumentParser, Namespace

from annotate.commands.place import add_place, place_of
from annotate.database import accounts
from annotate.database.connection import Database
from annotate.exchange.tasks import COMMAND_LINE
from partworks.commands.shared import add_json, print_json, print_table
from partworks.errors import UsageError

TEXT = "List, add and remove accounts; issue tokens."

Action = Literal["list", "add", "remove", "token"]
Role = Literal["reviewer", "lead", "admin"]
DAY = 86_400.0


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of `users`."""
    parser.usage = "partworks annotate users ACTION [NAME] --root ROOT [options]"
    parser.add_argument("action", type=Action, help="What to do.")
    parser.add_argument("name", type=str, nargs="?", help="The account; none for `list`.")
    add_place(parser)
    parser.add_argument("--role", type=Role, default="reviewer", help="Of a new account.")
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="Read a new account's password from standard input instead of asking for it.",
    )
    parser.add_argument(
        "--no-password", action="store_true", help="The new account comes in by tokens alone."
    )
    parser.add_argument("--days", type=float, default=90.0, help="How long a token is good.")
    parser.add_argument("--label", type=str, default="", help="What a token is for.")
    add_json(parser)


def execute(parsed: Namespace) -> int:
    """Do it, and say so."""
    if (parsed.name is None) != (parsed.action == "list"):
        raise UsageError(f"`users {parsed.action}` takes {_NAMES[parsed.action]}")
    if parsed.days <= 0:
        raise UsageError(f"--days is {parsed.days}; it must be more than 0")
    password = _password(parsed) if parsed.action == "add" else ""
    with place_of(parsed).opened() as database:
        match parsed.action:
            case "list":
                _list(database, as_json=parsed.json)
            case "add":
                _add(database, parsed.name, role=parsed.role, password=password)
            case "remove":
                _remove(database, parsed.name)
            case _:
                _token(database, parsed.name, days=parsed.days, label=parsed.label)
    return 0


_NAMES = {
    "list": "no name",
    "add": "a name",
    "remove": "a name",
    "token": "the name of an account",
}


def _password(parsed: Namespace) -> str:
    """What the new account logs in with; never an argument, which other users could see."""
    if parsed.no_password:
        return ""
    if parsed.password_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to be asked: --password-stdin or --no-password")
    first, second = getpass.getpass("password: "), getpass.getpass("again: ")
    if first != second:
        raise UsageError("the two passwords differ; nothing was changed")
    return first


def _list(database: Database, *, as_json: bool) -> None:
    with database.read() as session:
        rows = accounts.listing(session)
    if as_json:
        print_json([{"name": row.name, "role": row.role} for row in rows])
        return
    ways = {True: "password, tokens", False: "tokens"}
    shown = [[row.name, row.role, ways[bool(row.password_hash)]] for row in rows]
    print_table(("name", "role", "comes in by"), shown)


def _add(database: Database, name: str, *, role: str, password: str) -> None:
    with database.write() as session:
        accounts.add_account(
            session, COMMAND_LINE, name=name, role=role, password=password, now=time.time()
        )
    sys.stdout.write(f"{name} is a {role}\n")


def _remove(database: Database, name: str) -> None:
    with database.write() as session:
        accounts.remove_account(session, COMMAND_LINE, name=name, now=time.time())
    sys.stdout.write(f"{name} is removed; what was done under the name stays attributed to it\n")


def _token(database: Database, name: str, *, days: float, label: str) -> None:
    now = time.time()
    with database.write() as session:
        issued = accounts.issue(
            session,
            COMMAND_LINE,
            account=accounts.by_name(session, name),
            kind="token",
            seconds=days * DAY,
            label=label,
            now=now,
        )
    sys.stdout.write(f"{issued.secret}\n")
    sys.stderr.write(f"good for {days:g} days; it is shown this once and kept nowhere\n")
