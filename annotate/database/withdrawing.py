"""Taking objects out of the queue for good; what reviewers did stays in the audit trail.

Operations and reviews are never changed or removed, and tell of numbers of segments only. What a
task says of its object, and where its mesh lies, is emptied; nobody is handed it any more, nobody's
draft of it can be opened, and no export writes its decision.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from annotate.database.audit import Caller, record
from annotate.database.leases import locked_task
from annotate.database.tables import Slot, Task

GONE = "gone"
"""In the place of a withdrawn task's blobs; no blob is called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """What was withdrawn.

    Attributes:
        tasks: ids, of decided and gold tasks too.
        blobs: names of the blobs that no other task uses, `<sha256>.<ext>`.
    """

    tasks: tuple[int, ...]
    blobs: tuple[str, ...]


def withdraw(session: Session, caller: Caller, *, uids: Collection[str], now: float) -> Withdrawn:
    """Withdraw every task of some objects, in all queues; doing it again changes nothing."""
    query = select(Task.id).where(Task.uid.in_(sorted(uids)), Task.mesh != GONE).order_by(Task.id)
    ids = tuple(session.scalars(query))
    blobs: set[str] = set()
    for task_id in ids:
        task = locked_task(session, task_id)
        blobs |= {task.mesh, task.atoms}
        _empty(session, task)
        record(session, caller, action="task.withdraw", now=now, task_id=task_id)
    session.flush()
    used = select(Task.mesh, Task.atoms).where(or_(Task.mesh.in_(blobs), Task.atoms.in_(blobs)))
    for row in session.execute(used):
        blobs -= set(row)
    return Withdrawn(tasks=ids, blobs=tuple(sorted(blobs)))


def present(session: Session, uids: Collection[str]) -> list[str]:
    """Those of some objects of which there are tasks that were not withdrawn."""
    query = select(Task.uid).where(Task.uid.in_(sorted(uids)), Task.mesh != GONE).distinct()
    return sorted(session.scalars(query))


def _empty(session: Session, task: Task) -> None:
    session.execute(
        update(Slot)
        .where(Slot.task_id == task.id, Slot.state == "open")
        .values(state="closed")
        .execution_options(synchronize_session="fetch")
    )
    task.state, task.outcome_id = "superseded", None
    task.name, task.category, task.details, task.truth = "", "", {}, None
    task.mesh = task.atoms = GONE
