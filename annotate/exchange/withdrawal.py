"""Everything that the review of a root keeps of some objects, removed: what a takedown asks for."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from annotate.blobs.store import BlobStore
from annotate.commands.place import BLOBS, DATABASE
from annotate.database.connection import Database
from annotate.database.withdrawing import present, withdraw
from annotate.exchange.decided import INDEX, OPERATIONS, to_parquet
from annotate.exchange.tasks import COMMAND_LINE
from partworks.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPlace:
    """Where the review of a root is.

    Attributes:
        database: its URL; None where none was named and the root has none of its own.
        blobs: the folder of blobs; None likewise.
    """

    database: str | None
    blobs: Path | None


def review_place(store: Store, *, database: str | None, blobs: str | None) -> ReviewPlace:
    """The review that was named, else the one in the root, where there is one."""
    if database is None and store.is_local and (store.local_path / DATABASE).is_file():
        database = f"sqlite:///{store.local_path / DATABASE}"
    folder = Path(blobs).expanduser() if blobs is not None else None
    if folder is None and store.is_local:
        folder = store.local_path / BLOBS
    return ReviewPlace(database=database, blobs=folder)


def withdraw_objects(
    store: Store,
    uids: Collection[str],
    *,
    database: str | None = None,
    blobs: str | None = None,
    clock: Callable[[], float] = time.time,
) -> int | None:
    """Withdraw the tasks of some objects, and take their decisions out of the root's tables.

    The files of single decisions are the caller's to remove, with all others of an object.

    Returns:
        How many tasks there were; None where no review database was found.
    """
    for path in (INDEX, OPERATIONS):
        _filter_table(store, path, uids)
        _filter_lines(store, path.removesuffix(".parquet") + ".jsonl", uids)
    place = review_place(store, database=database, blobs=blobs)
    if place.database is None:
        return None
    opened = Database.opened(place.database)
    try:
        with opened.write() as session:
            found = withdraw(session, COMMAND_LINE, uids=uids, now=clock())
            # Before the commit: once the tasks are empty, nobody knows what their blobs were.
            if place.blobs is not None:
                _remove_blobs(BlobStore(place.blobs), found.blobs)
    finally:
        opened.close()
    return len(found.tasks)


def traces(store: Store, uids: Collection[str]) -> list[tuple[str, str]]:
    """(path, uid) where the review that lies in a root still knows some objects."""
    found: list[tuple[str, str]] = []
    for path in (INDEX, OPERATIONS):
        if store.exists(path):
            known = pq.read_table(io.BytesIO(store.read(path)), columns=["uid"])["uid"]
            found += [(path, uid) for uid in sorted({*known.to_pylist()} & {*uids})]
    place = review_place(store, database=None, blobs=None)
    if place.database is not None:
        opened = Database.opened(place.database)
        try:
            with opened.read() as session:
                found += [(DATABASE, uid) for uid in present(session, uids)]
        finally:
            opened.close()
    return found


def _filter_table(store: Store, path: str, uids: Collection[str]) -> None:
    if not store.exists(path):
        return
    table = pq.read_table(io.BytesIO(store.read(path)))
    theirs = pc.is_in(table["uid"], pa.array(sorted(uids), pa.string()))
    if pc.any(theirs).as_py():
        store.write(path, to_parquet(table.filter(pc.invert(theirs))))


def _filter_lines(store: Store, path: str, uids: Collection[str]) -> None:
    if not store.exists(path):
        return
    lines = store.read(path).decode().splitlines(keepends=True)
    kept = [line for line in lines if json.loads(line)["uid"] not in uids]
    if len(kept) < len(lines):
        store.write(path, "".join(kept).encode())


def _remove_blobs(blobs: BlobStore, names: Collection[str]) -> None:
    for name in names:
        sha256, _, ext = name.partition(".")
        blobs.path(sha256, ext).unlink(missing_ok=True)
