"""Taking a submission back, and opening a decided task again; reviews stay as they were made."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from annotate.database.audit import Caller, record
from annotate.database.errors import Refused
from annotate.database.leases import let_go, locked_task
from annotate.database.resolving import close_open
from annotate.database.rules import QueueRules
from annotate.database.tables import Review, Slot, Task
from annotate.database.work_tables import NEVER


def take_back(
    session: Session, caller: Caller, *, task_id: int, rules: QueueRules, now: float
) -> Slot:
    """The caller's own submission becomes a draft again, in the caller's hands.

    Raises:
        Refused: `not_found`, `not_yours` without a submission, `closed` when it is too late or an
            expert has it.
    """
    task = locked_task(session, task_id)
    slot = session.scalars(
        select(Slot)
        .where(
            Slot.task_id == task_id,
            Slot.round == task.round,
            Slot.holder == caller.id,
            Slot.state == "done",
        )
        .with_for_update()
    ).one_or_none()
    if slot is None:
        raise Refused("not_yours", f"you have submitted nothing on task {task_id}")
    review = session.get_one(Review, slot.review_id)
    if now > review.at + rules.take_back_seconds:
        raise Refused("closed", "it is too late to take this back; ask a lead to return it")
    if slot.kind != "expert" and _with_expert(session, task):
        raise Refused("closed", "the task is with a lead now")
    held = select(Slot).where(Slot.holder == caller.id, Slot.state == "open").with_for_update()
    for other in session.scalars(held):
        let_go(other)
    slot.state, slot.review_id = "open", None
    slot.lease_until, slot.epoch = now + rules.lease_seconds, slot.epoch + 1
    if not task.gold:
        task.state = "adjudication" if slot.kind == "expert" else "open"
        task.outcome_id = task.decided_at = None
    record(
        session,
        caller,
        action="task.take_back",
        now=now,
        task_id=task_id,
        detail={"review": review.id},
    )
    return slot


def return_task(
    session: Session, caller: Caller, *, task_id: int, to_same: bool, note: str, now: float
) -> Task:
    """A lead opens a task again: for those who did it, on top of their drafts, or for anybody.

    For anybody a new round begins, with empty drafts. What was exported of the task before becomes
    stale, because its outcome is no longer there.

    Raises:
        Refused: `not_found`, or `closed` for gold and superseded tasks and those without opinions.
    """
    task = locked_task(session, task_id)
    if task.gold or task.state == "superseded":
        kind = "gold" if task.gold else task.state
        raise Refused("closed", f"task {task_id} is {kind} and is not reopened")
    before = task.outcome_id
    close_open(session, task)
    if to_same:
        _back_to_the_same(session, task, note=note)
    else:
        last = session.scalar(select(func.max(Slot.epoch)).where(Slot.task_id == task_id))
        task.round += 1
        session.add_all(new_slots(task, epoch=last or 0))
    task.state, task.outcome_id, task.decided_at = "open", None, None
    record(
        session,
        caller,
        action="task.reopen",
        now=now,
        task_id=task_id,
        detail={"outcome": before, "to": "same" if to_same else "anyone", "note": note},
    )
    return task


def new_slots(task: Task, *, epoch: int = 0) -> list[Slot]:
    """Empty slots for the present round of a task; `epoch` is the last of earlier rounds.

    Epochs go on from there, so that no request of an earlier round passes the fence.
    """
    return [
        Slot(
            task_id=task.id,
            round=task.round,
            number=number,
            queue=task.queue,
            priority=task.priority,
            epoch=epoch,
        )
        for number in range(task.want)
    ]


def _with_expert(session: Session, task: Task) -> bool:
    """Whether an expert slot of this round is begun or done; one that waits is withdrawn."""
    experts = session.scalars(
        select(Slot).where(
            Slot.task_id == task.id,
            Slot.round == task.round,
            Slot.kind == "expert",
            Slot.state != "closed",
        )
    ).all()
    if any(slot.state == "done" or slot.holder is not None for slot in experts):
        return True
    for slot in experts:
        slot.state = "closed"
    return False


def _back_to_the_same(session: Session, task: Task, *, note: str) -> None:
    done = session.scalars(
        select(Slot).where(
            Slot.task_id == task.id,
            Slot.round == task.round,
            Slot.kind == "review",
            Slot.state == "done",
        )
    ).all()
    if not done:
        raise Refused("closed", "nobody has done this task; reopen it for anybody")
    for slot in done:
        slot.returned_to, slot.holder = slot.holder, None
        slot.state, slot.review_id, slot.lease_until = "open", None, NEVER
        slot.note, slot.opinions = note, 0
    session.execute(
        update(Slot)
        .where(
            Slot.task_id == task.id,
            Slot.round == task.round,
            Slot.kind == "expert",
            Slot.state == "done",
        )
        .values(state="closed")
    )
