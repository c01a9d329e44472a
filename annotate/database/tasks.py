"""Tasks: put in by an import, looked at by leads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from annotate.database.audit import Caller, record
from annotate.database.base import Json
from annotate.database.reopening import new_slots
from annotate.database.resolving import close_open
from annotate.database.tables import Task

PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """One object to review.

    Attributes:
        queue: which pile it belongs to. `uid`, `name`, `category`: of the object.
        revision: digest of its over-segmentation; the same (queue, uid, revision) is the same task.
        geometry_hash, faces: of the object.
        mesh, atoms: blob names `<sha256>.<ext>`: the review mesh, and the atom of each face.
        details: `tree` {children, heights, default_height} and what else the page and the rules
            need (`materials`, `features`, …); plain JSON.
        priority: higher is handed out sooner.
        want: opinions wanted; none lets the share of double annotation decide.
    """

    queue: str = "default"
    uid: str
    name: str
    category: str = ""
    revision: str
    geometry_hash: str
    faces: int
    mesh: str
    atoms: str
    details: Json
    priority: float = 0.0
    want: int | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """What an import changed: uids of new tasks, of known ones, of open ones put aside."""

    added: tuple[str, ...]
    present: tuple[str, ...]
    superseded: tuple[str, ...]


def add_tasks(
    session: Session,
    caller: Caller,
    tasks: Iterable[NewTask],
    *,
    double_share: float = 0.0,
    now: float,
) -> Added:
    """Add what is not there yet; the same import twice changes nothing.

    An open task of the same object with another revision is put aside: its labels would refer to
    an over-segmentation that is no longer there.
    """
    added, present, superseded = list[str](), list[str](), list[str]()
    rows = list[Task]()
    for new in tasks:
        known = session.scalars(
            select(Task).where(Task.queue == new.queue, Task.uid == new.uid, ~Task.gold)
        ).all()
        if any(task.revision == new.revision for task in known):
            present.append(new.uid)
            continue
        for task in known:
            if task.state in ("open", "adjudication"):
                close_open(session, task)
                task.state = "superseded"
                superseded.append(task.uid)
        rows.append(_row(new, double_share=double_share, now=now))
        added.append(new.uid)
    session.add_all(rows)
    session.flush()
    session.add_all(slot for row in rows for slot in new_slots(row))
    counts = {"added": len(added), "present": len(present), "superseded": len(superseded)}
    record(session, caller, action="tasks.import", now=now, detail=counts)
    return Added(tuple(added), tuple(present), tuple(superseded))


def wants_two(uid: str, share: float) -> bool:
    """Whether an object belongs to the share that two people review, the same at every import."""
    digest = hashlib.sha256(f"double {uid}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def _row(new: NewTask, *, double_share: float, now: float) -> Task:
    want = new.want or (2 if wants_two(new.uid, double_share) else 1)
    return Task(
        queue=new.queue,
        uid=new.uid,
        name=new.name,
        category=new.category,
        revision=new.revision,
        geometry_hash=new.geometry_hash,
        faces=new.faces,
        mesh=new.mesh,
        atoms=new.atoms,
        details=new.details,
        priority=new.priority,
        want=want,
        round=0,
        created_at=now,
    )


def listing(
    *,
    state: str | None = None,
    queue: str | None = None,
    uid: str | None = None,
    after: int = 0,
    limit: int = PAGE,
) -> Select[Task]:
    """A page of tasks by id; `after` is the last id seen."""
    query = select(Task).where(Task.id > after)
    for column, value in ((Task.state, state), (Task.queue, queue), (Task.uid, uid)):
        if value is not None:
            query = query.where(column == value)
    return query.order_by(Task.id).limit(min(limit, PAGE))
