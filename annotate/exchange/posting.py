"""Parts that were edited elsewhere, posted into a review as its reviewer would have made them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.database import accounts, drafts, leases
from annotate.database.audit import Caller, record
from annotate.database.connection import Database
from annotate.database.errors import Refused
from annotate.database.rules import QueueRules
from annotate.database.tables import Draft, Review, Slot, Task
from annotate.exchange.decided import digest_of
from annotate.exchange.edits import operations_to
from annotate.exchange.part_glb import EditedParts, read_parts_glb
from annotate.names import part_names
from annotate.review.base import Base
from annotate.review.digest import state_hash
from annotate.review.errors import OperationError
from annotate.review.fold import fold
from annotate.review.state import State
from annotate.review.wire import operation_from_json, operation_to_json
from partworks import layout
from partworks.artifacts.segments import Segments
from partworks.errors import UsageError
from partworks.geometry.glb import read_glb
from partworks.geometry.mesh import Mesh
from partworks.geometry.submesh import write_parts_glb
from partworks.store import Store

TOOL = "part-glb"


def post_parts(
    store: Store,
    database: Database,
    *,
    uid: str,
    queue: str,
    user: str,
    data: bytes,
    may_drop: bool = False,
    clock: Callable[[], float] = time.time,
) -> int:
    """Bring the review that `user` holds to the parts of a GLB; returns how many operations.

    Nothing is decided by it: the reviewer looks at it in the page and accepts there, or undoes it.

    Raises:
        UsageError: the file does not fit the object, see `part_glb.read_parts_glb`.
        Refused: the user does not hold a review of the object, or works on it at this moment.
    """
    with database.read() as session:
        caller = _caller(session, user)
        task, slot, draft = _held(session, caller, uid=uid, queue=queue)
        stored = drafts.operations(session, draft.id)
    mesh, base = _object(store, task)
    state = fold(base, [operation_from_json(body) for body in stored])
    edited = read_parts_glb(mesh, data, may_drop=may_drop)
    now = clock()
    operations = operations_to(
        base,
        state,
        face_labels=edited.face_labels,
        names=_given_names(mesh, state, edited),
        stamps=lambda: {"id": str(uuid.uuid4()), "at": round(now * 1000), "tool": TOOL},
    )
    # Through the wire's own checks, for names come from a foreign file.
    bodies = [operation_to_json(operation) for operation in operations]
    try:
        after = fold(base, [operation_from_json(body) for body in (*stored, *bodies)])
    except OperationError as error:
        raise UsageError(f"the parts cannot be taken over: {error.message}") from error
    with database.write() as session:
        slot = leases.fenced(session, caller, task_id=task.id, epoch=slot.epoch)
        draft = drafts.find(session, caller, task_id=task.id)
        posted = drafts.compare(session, draft, base_version=len(stored), posted=bodies)
        drafts.append(session, posted, state_hash=state_hash(after), now=now)
        drafts.prolong(slot, lease_seconds=QueueRules().lease_seconds, now=now)
        detail = {"operations": len(bodies)}
        record(session, caller, action="task.import_parts", now=now, task_id=task.id, detail=detail)
    return len(bodies)


def parts_glb(store: Store, database: Database, *, uid: str, queue: str, user: str | None) -> bytes:
    """An object's parts as a GLB with a node each: as decided, or as in `user`'s review.

    Where there is neither, as the merge tree has them at the start. Dropped parts are left out.

    Raises:
        Refused: there is no task of the object, or the user has no draft of it.
        UsageError: all parts are dropped.
    """
    with database.read() as session:
        task = _task(session, uid=uid, queue=queue)
        stored = _operations(session, task, user)
    mesh, base = _object(store, task)
    state = fold(base, [operation_from_json(body) for body in stored])
    labels, names = state.parts()
    if not names:
        raise UsageError(f"every part of {uid} is dropped; there is nothing to export")
    return write_parts_glb(mesh, labels, _all_named(mesh, labels, names))


def _object(store: Store, task: Task) -> tuple[Mesh, Base]:
    """The object and its atoms; UsageError if they are not those of the task any more."""
    data = store.read(layout.segments(task.uid))
    if digest_of(data) != task.revision:
        raise UsageError(
            f"the segments of {task.uid} have changed since the task was made; "
            "`partworks annotate import` makes a new one"
        )
    return read_glb(store.read(layout.object_glb(task.uid))), Base.of(Segments.from_bytes(data))


def _caller(session: Session, user: str) -> Caller:
    account = accounts.by_name(session, user)
    return Caller(account.id, account.name, account.role, origin="command line")


def _task(session: Session, *, uid: str, queue: str) -> Task:
    query = (
        select(Task)
        .where(Task.uid == uid, Task.queue == queue, ~Task.gold, Task.state != "superseded")
        .order_by(Task.id.desc())
        .limit(1)
    )
    task = session.scalars(query).one_or_none()
    if task is None:
        raise Refused("not_found", f"queue {queue!r} has no task of {uid}; import it first")
    return task


def _held(session: Session, caller: Caller, *, uid: str, queue: str) -> tuple[Task, Slot, Draft]:
    task = _task(session, uid=uid, queue=queue)
    query = select(Slot).where(
        Slot.task_id == task.id, Slot.holder == caller.id, Slot.state == "open"
    )
    slot = session.scalars(query.limit(1)).one_or_none()
    if slot is None:
        raise Refused(
            "not_yours", f"{caller.name} does not hold {uid}; open it in the page and try again"
        )
    return task, slot, drafts.find(session, caller, task_id=task.id)


def _operations(session: Session, task: Task, user: str | None) -> list[dict[str, Any]]:
    if user is not None:
        draft = drafts.find(session, _caller(session, user), task_id=task.id)
        return drafts.operations(session, draft.id)
    if task.outcome_id is None:
        return []
    review = session.get_one(Review, task.outcome_id)
    return drafts.operations(session, review.draft_id, until=review.version)


def _all_named(mesh: Mesh, labels: NDArray[np.int32], names: Sequence[str]) -> list[str]:
    """Given names, and for parts without one what they are called without reviewers."""
    guessed = part_names(mesh, labels, generator=np.random.default_rng(0))
    return [given or guess for given, guess in zip(names, guessed, strict=True)]


def _given_names(mesh: Mesh, state: State, edited: EditedParts) -> list[str]:
    """Names that somebody chose: one that was only a guess at the export is no choice."""
    labels, names = state.parts()
    if not names:
        return list(edited.names)
    exported = _all_named(mesh, labels, names)
    guesses = {shown for shown, given in zip(exported, names, strict=True) if not given}
    return ["" if name in guesses else name for name in edited.names]
