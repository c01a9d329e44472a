"""A takedown in a root that is under review."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from annotate.blobs.store import BlobStore
from annotate.commands.place import BLOBS, DATABASE
from annotate.database.connection import Database
from annotate.database.tables import Task
from annotate.exchange.tasks import ImportRequest, import_tasks
from partworks import dataset
from partworks.store import Store
from partworks.takedown.removal import take_down
from partworks.takedown.tombstones import Tombstones
from partworks.verification import verify
from tests.takedown.made_root import UIDS, make_root

GONE = "aa02"


def test_its_task_is_withdrawn_and_the_others_stay(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    made = make_root(store)
    database = Database.opened(f"sqlite:///{store.local_path / DATABASE}")
    blobs = BlobStore(store.local_path / BLOBS)
    done = import_tasks(store, database, blobs, request=ImportRequest())
    assert set(done.added) == set(UIDS)
    before = set(store.list(BLOBS))

    Tombstones().joined_by({GONE: []}, date="", reason="").save(store)
    told = {breach.path for breach in verify(store, made) if breach.kind == "taken_down"}
    assert DATABASE in told

    assert take_down(store, [GONE]).tasks == 1
    with database.read() as session:
        states = {task.uid: task.state for task in session.scalars(select(Task))}
    database.close()
    assert states == {uid: "superseded" if uid == GONE else "open" for uid in UIDS}
    assert set(store.list(BLOBS)) < before
    assert list(verify(store, dataset.require(store))) == []
