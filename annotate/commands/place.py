"""Where the review of a root is kept: its database and its blobs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from annotate.blobs.store import BlobStore
from annotate.database.connection import Database
from annotate.database.errors import Refused
from partworks.commands.shared import add_root, open_root
from partworks.errors import UsageError
from partworks.store import Store

DATABASE = "review/review.db"
BLOBS = "review/blobs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A root with its review.

    Attributes:
        database: the URL. `blobs`: a folder of this machine.
    """

    store: Store
    database: str
    blobs: Path

    @contextmanager
    def opened(self) -> Iterator[Database]:
        """The database, migrated; UsageError where it refuses what is asked of it."""
        database = Database.opened(self.database)
        try:
            yield database
        except Refused as refused:
            raise UsageError(refused.message) from refused
        finally:
            database.close()

    @property
    def blob_store(self) -> BlobStore:
        """The blobs."""
        return BlobStore(self.blobs)


def add_place(parser: ArgumentParser) -> None:
    """Add `--root`, `--database` and `--blobs`."""
    add_root(parser)
    parser.add_argument(
        "--database",
        type=str | None,
        help=f"sqlite:///FILE or postgresql://USER@HOST/NAME; {DATABASE} of a local root if left "
        "out.",
    )
    parser.add_argument(
        "--blobs",
        type=str | None,
        help=f"Folder of meshes and labels for browsers; {BLOBS} of a local root if left out.",
    )


def place_of(parsed: Namespace) -> Place:
    """The place that the arguments name; UsageError where there is no default for it."""
    store, _ = open_root(parsed.root)
    missing = [
        flag
        for flag, given in (("--database", parsed.database), ("--blobs", parsed.blobs))
        if given is None and not store.is_local
    ]
    if missing:
        raise UsageError(
            f"{store.url} is no folder of this machine; say {' and '.join(missing)} too"
        )
    database = parsed.database or f"sqlite:///{store.local_path / DATABASE}"
    blobs = Path(parsed.blobs).expanduser() if parsed.blobs else store.local_path / BLOBS
    return Place(store=store, database=database, blobs=blobs.absolute())
