"""Tasks with a known answer, mixed in unannounced to measure reviewers."""

from __future__ import annotations

import hashlib

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from annotate.database.audit import Caller, record
from annotate.database.errors import Refused
from annotate.database.tables import OperationRow, Review, Skip, Slot, Task


def claim_due(
    session: Session, caller: Caller, *, share: float, lease: float, queue: str | None
) -> Slot | None:
    """A slot of a gold task that the caller has not had, when one is due.

    There is room for everybody: the slot is made here, and unique by (task, account).
    """
    done = session.scalar(
        select(func.count()).select_from(Review).where(Review.account_id == caller.id)
    )
    if not is_due(caller.id, done=done or 0, share=share):
        return None
    task = session.scalar(_unseen(caller, queue))
    if task is None:
        return None
    slot = Slot(
        task_id=task.id,
        round=task.round,
        number=caller.id,
        queue=task.queue,
        kind="gold",
        priority=task.priority,
        holder=caller.id,
        lease_until=lease,
        epoch=1,
    )
    session.add(slot)
    session.flush()
    return slot


def is_due(account_id: int, *, done: int, share: float) -> bool:
    """Whether the task after `done` ones is gold: the same answer each time it is asked."""
    digest = hashlib.sha256(f"gold {account_id} {done}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def make_gold(session: Session, caller: Caller, *, task_id: int, now: float) -> int:
    """Turn a decided task's outcome into a known answer; returns the gold task's id.

    The decided task stays as it is; those who gave an opinion on it are never handed the copy.
    """
    task = session.get(Task, task_id)
    if task is None:
        raise Refused("not_found", f"there is no task {task_id}")
    if task.gold or task.state != "decided" or task.outcome_id is None:
        raise Refused("closed", f"task {task_id} is {task.state}; only a decided one can be gold")
    outcome = session.get_one(Review, task.outcome_id)
    present = session.scalar(
        select(Task.id).where(
            Task.queue == task.queue,
            Task.uid == task.uid,
            Task.revision == task.revision,
            Task.gold,
        )
    )
    if present is not None:
        return present
    operations = session.scalars(
        select(OperationRow.body)
        .where(OperationRow.draft_id == outcome.draft_id, OperationRow.number < outcome.version)
        .order_by(OperationRow.number)
    ).all()
    copied = ("queue", "uid", "name", "category", "revision", "geometry_hash", "faces", "mesh")
    copy = Task(
        **{field: getattr(task, field) for field in (*copied, "atoms", "details", "priority")},
        want=0,
        gold=True,
        truth={"verdict": outcome.verdict, "operations": list(operations)},
        created_at=now,
    )
    session.add(copy)
    session.flush()
    record(session, caller, action="task.gold", now=now, task_id=task_id, detail={"copy": copy.id})
    return copy.id


def _unseen(caller: Caller, queue: str | None) -> Select[Task]:
    earlier, twin = aliased(Slot), aliased(Task)
    had = exists().where(
        twin.uid == Task.uid, earlier.task_id == twin.id, earlier.holder == caller.id
    )
    skipped = exists().where(Skip.task_id == Task.id, Skip.account_id == caller.id)
    query = select(Task).where(Task.gold, Task.state == "open", ~had, ~skipped)
    if queue is not None:
        query = query.where(Task.queue == queue)
    order = (Task.id * 7919 + caller.id * 104_729) % 1_000_003
    return query.order_by(order, Task.id).limit(1)
