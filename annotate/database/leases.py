"""Holding a task: the fence that every change passes, signs of life, and letting go."""

from __future__ import annotations

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from annotate.database.audit import Caller, record
from annotate.database.errors import Refused
from annotate.database.rules import QueueRules
from annotate.database.tables import Draft, Skip, Slot, Task
from annotate.database.work_tables import NEVER


def fenced(
    session: Session, caller: Caller, *, task_id: int, epoch: int, lock: bool = True
) -> Slot:
    """The caller's slot of this task if `epoch` is still that of the caller's claim.

    It is locked until the transaction ends, unless `lock` is off for those who only look.

    A lease that ran out while nobody else took the slot still counts: it harms nobody.

    Raises:
        Refused: `not_found`, `not_yours`, `already_submitted` or `lease_lost`.
    """
    statement = select(Slot).where(
        Slot.task_id == task_id,
        Slot.holder == caller.id,
        Slot.state == "open",
        Slot.epoch == epoch,
    )
    if lock:
        statement = statement.with_for_update()
    slot = session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if slot is None:
        raise _why_not(session, caller, task_id)
    return slot


def holds(session: Session, caller: Caller, *, task_id: int) -> bool:
    """Whether the caller has a claim on the task now, whatever its epoch."""
    mine = select(Slot.id).where(
        Slot.task_id == task_id, Slot.holder == caller.id, Slot.state == "open"
    )
    return session.scalar(mine.limit(1)) is not None


def _why_not(session: Session, caller: Caller, task_id: int) -> Refused:
    task = session.get(Task, task_id)
    if task is None:
        return Refused("not_found", f"there is no task {task_id}")
    done = select(Slot.id).where(
        Slot.task_id == task_id,
        Slot.round == task.round,
        Slot.holder == caller.id,
        Slot.state == "done",
    )
    if session.scalar(done) is not None:
        return Refused(
            "already_submitted", f"you have submitted task {task_id}; reopen it to change it"
        )
    drafts = select(Draft.id).where(Draft.task_id == task_id, Draft.account_id == caller.id)
    if session.scalar(drafts.limit(1)) is None:
        return Refused("not_yours", f"task {task_id} was not given to you; claim one")
    return Refused(
        "lease_lost",
        f"you no longer hold task {task_id}: the lease ran out, or a lead released it; "
        "your work is kept as a draft",
    )


def locked_task(session: Session, task_id: int) -> Task:
    """A task's row, locked against others who settle or reopen it; `not_found` if there is none.

    Whoever locks more than one slot of a task locks the task first, or two could wait for each
    other. The lock is the weaker one that lets others insert rows that point to the task: a claim
    does so with a slot in hand.
    """
    task = session.scalars(
        select(Task)
        .where(Task.id == task_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if task is None:
        raise Refused("not_found", f"there is no task {task_id}")
    return task


def heartbeat(
    session: Session, caller: Caller, *, task_id: int, epoch: int, rules: QueueRules, now: float
) -> float:
    """Prolong the lease; returns when it ends now."""
    slot = fenced(session, caller, task_id=task_id, epoch=epoch)
    slot.lease_until = now + rules.lease_seconds
    return slot.lease_until


def release(
    session: Session,
    caller: Caller,
    *,
    task_id: int,
    epoch: int,
    kind: str,
    reason: str,
    rules: QueueRules,
    now: float,
) -> None:
    """Give a task back: `skip` for good, `later` until nothing else is left. The draft stays."""
    locked_task(session, task_id)
    slot = fenced(session, caller, task_id=task_id, epoch=epoch)
    mine = (Skip.task_id == task_id, Skip.round == slot.round, Skip.account_id == caller.id)
    session.execute(delete(Skip).where(*mine))
    session.add(
        Skip(
            task_id=task_id,
            round=slot.round,
            account_id=caller.id,
            kind=kind,
            reason=reason,
            at=now,
        )
    )
    session.flush()
    let_go(slot)
    if kind == "skip":
        slot.returned_to = None
        _call_an_expert(session, slot, skips=rules.skips)
    record(
        session,
        caller,
        action=f"task.{kind}",
        now=now,
        task_id=task_id,
        detail={"slot": slot.id, "reason": reason},
    )


def let_go(slot: Slot) -> None:
    """Free a slot for anybody; a gold one was made for its holder and is closed."""
    if slot.kind == "gold":
        slot.state = "closed"
        return
    slot.holder = None
    slot.lease_until = NEVER


def _call_an_expert(session: Session, slot: Slot, *, skips: int) -> None:
    """What too many passed on goes to a lead."""
    count = session.scalar(
        select(func.count())
        .select_from(Skip)
        .where(Skip.task_id == slot.task_id, Skip.round == slot.round, Skip.kind == "skip")
    )
    if count is not None and count >= skips and slot.kind == "review":
        session.execute(
            update(Slot)
            .where(
                Slot.task_id == slot.task_id,
                Slot.round == slot.round,
                Slot.state == "open",
                Slot.kind == "review",
                Slot.holder.is_(None),
            )
            .values(kind="expert", note=f"{count} reviewers skipped it")
        )


def force_release(session: Session, caller: Caller, *, task_id: int, now: float) -> int:
    """A lead frees a task from whoever holds it; returns how many slots were held."""
    locked_task(session, task_id)
    held = session.scalars(
        select(Slot)
        .where(Slot.task_id == task_id, Slot.state == "open", Slot.holder.is_not(None))
        .with_for_update()
    ).all()
    holders = {slot.id: slot.holder for slot in held}
    for slot in held:
        let_go(slot)
    record(
        session,
        caller,
        action="task.force_release",
        now=now,
        task_id=task_id,
        detail={"holders": {str(slot): account for slot, account in holders.items()}},
    )
    return len(held)
