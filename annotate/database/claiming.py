"""Handing out tasks: one UPDATE of the best open slot, so that no two reviewers hold one task.

Counting opinions at claim time instead ("insert where count < wanted") over-claims under
PostgreSQL's default isolation; rows that exist before anybody asks do not. `FOR UPDATE SKIP LOCKED`
in the sub-select lets claims pass each other; SQLite has one writer and needs no lock.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, delete, func, select, true, update
from sqlalchemy.orm import Session

from annotate.database import candidates, gold
from annotate.database.audit import Caller, record
from annotate.database.candidates import Candidates
from annotate.database.rules import QueueRules
from annotate.database.tables import Account, Draft, Skip, Slot, Task

MINE, RETURNED, BEGUN, GOLD, NEXT, PUT_OFF = "yours", "returned", "begun", "gold", "next", "later"
WHY = {
    MINE: "You hold this one.",
    RETURNED: "A lead returned it to you.",
    BEGUN: "You had begun this one.",
    GOLD: "Next by priority.",
    NEXT: "Next by priority.",
    PUT_OFF: "You had put this one off, and nothing else is left.",
}


_OF_CALLER = {RETURNED: candidates.returned_tasks, BEGUN: candidates.begun_tasks}


@dataclass(frozen=True, slots=True)
class Claim:
    """A slot in somebody's hands.

    Attributes:
        why: one sentence for the reviewer; it never tells a gold task from others.
    """

    slot_id: int
    task_id: int
    round: int
    kind: str
    epoch: int
    lease_until: float
    why: str


def claim(
    session: Session, caller: Caller, *, rules: QueueRules, now: float, queue: str | None = None
) -> Claim | None:
    """The caller's live slot, or else the best open one, or none.

    Order: held already; returned for a fix; begun before; gold when it is due; one opinion in;
    priority; put off until later.
    """
    # The row lock makes two tabs of one account take turns, so that they get the same slot.
    session.execute(
        select(Account.id).where(Account.id == caller.id).with_for_update(key_share=True)
    )
    lease = now + rules.lease_seconds
    kept = _renewed(session, caller, lease=lease)
    if kept is not None:
        return kept
    found = _first_open(session, caller, rules=rules, now=now, queue=queue)
    if found is not None:
        _open_draft(session, caller, claim=found, now=now)
        record(
            session,
            caller,
            action="task.claim",
            now=now,
            task_id=found.task_id,
            detail={"slot": found.slot_id, "epoch": found.epoch},
        )
    return found


def _first_open(
    session: Session, caller: Caller, *, rules: QueueRules, now: float, queue: str | None
) -> Claim | None:
    lease = now + rules.lease_seconds
    for step in (RETURNED, BEGUN, GOLD, NEXT, PUT_OFF):
        if step == GOLD:
            row = gold.claim_due(session, caller, share=rules.gold_share, lease=lease, queue=queue)
        else:
            chosen = candidates.open_slots(caller, now=now, queue=queue)
            row = _take_first(session, caller, step, chosen, lease=lease)
        if row is not None:
            if step == PUT_OFF:
                _forget_later(session, caller, row)
            return _told(row, _why(row, step))
    return None


def _take_first(
    session: Session, caller: Caller, step: str, chosen: Candidates, *, lease: float
) -> Slot | None:
    """The best slot of a step, of the first kind that has one."""
    wanted = chosen.put_off if step == PUT_OFF else ~chosen.put_off
    if step in (RETURNED, BEGUN):
        tasks = _OF_CALLER[step](session, caller)
        if not tasks:
            return None
        wanted = chosen.among(tasks) if step == RETURNED else wanted & chosen.among(tasks)
    for kind in candidates.kinds(caller):
        row = _take(session, caller, best=chosen.best(kind, wanted), lease=lease)
        if row is not None:
            return row
    return None


def anything_open(
    session: Session, caller: Caller, *, now: float, queue: str | None = None
) -> bool:
    """Whether `claim` could find something if no row were locked at this moment."""
    chosen = candidates.open_slots(caller, now=now, queue=queue)
    return any(
        session.scalar(chosen.best(kind, true())) is not None for kind in candidates.kinds(caller)
    )


def following(
    session: Session, caller: Caller, *, now: float, queue: str | None = None
) -> Task | None:
    """What the caller would probably be handed next; nothing is promised, nothing is locked."""
    chosen = candidates.open_slots(caller, now=now, queue=queue)
    for kind in candidates.kinds(caller):
        slot_id = session.scalar(chosen.best(kind, ~chosen.put_off))
        if slot_id is not None:
            return session.get_one(Task, session.get_one(Slot, slot_id).task_id)
    return None


def why_nothing(session: Session, *, now: float, queue: str | None = None) -> str:
    """One sentence for somebody who was handed nothing."""
    unfinished = [Slot.state == "open", Slot.kind != "gold"]
    if queue is not None:
        unfinished.append(Slot.queue == queue)
    held = select(func.count(), func.min(Slot.lease_until))
    count, first = session.execute(held.where(*unfinished, Slot.lease_until > now)).one()
    if not count:
        if session.scalar(select(Slot.id).where(*unfinished).limit(1)) is None:
            return "Nothing is left to review."
        return "What is left you have seen or passed on, or it is for a lead."
    minutes = max(int((first - now) // 60) + 1, 1)
    return (
        f"All that is left is in other hands ({count} held); "
        f"the first lease ends in {minutes} min unless it is renewed."
    )


def _forget_later(session: Session, caller: Caller, row: Slot) -> None:
    session.execute(
        delete(Skip).where(
            Skip.task_id == row.task_id, Skip.round == row.round, Skip.account_id == caller.id
        )
    )


def _take(session: Session, caller: Caller, *, best: Select[int], lease: float) -> Slot | None:
    statement = (
        update(Slot)
        .where(Slot.id == best.with_for_update(skip_locked=True).scalar_subquery())
        .values(holder=caller.id, lease_until=lease, epoch=Slot.epoch + 1)
        .returning(Slot)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return session.scalars(statement).one_or_none()


def _renewed(session: Session, caller: Caller, *, lease: float) -> Claim | None:
    """What the caller holds, expired or not, as long as nobody else took it."""
    mine = (
        select(Slot.id)
        .where(Slot.holder == caller.id, Slot.state == "open")
        .order_by(Slot.lease_until.desc())
        .limit(1)
    )
    statement = (
        update(Slot)
        .where(Slot.id == mine.scalar_subquery(), Slot.holder == caller.id, Slot.state == "open")
        .values(lease_until=lease)
        .returning(Slot)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    row = session.scalars(statement).one_or_none()
    return None if row is None else _told(row, WHY[MINE])


def _open_draft(session: Session, caller: Caller, *, claim: Claim, now: float) -> None:
    key = (claim.task_id, claim.round, caller.id)
    known = select(Draft.id).where(
        Draft.task_id == key[0], Draft.round == key[1], Draft.account_id == key[2]
    )
    if session.scalar(known) is None:
        session.add(
            Draft(task_id=key[0], round=key[1], account_id=key[2], opened_at=now, worked_at=now)
        )


def _why(row: Slot, step: str) -> str:
    if step == RETURNED and row.note:
        return f"{WHY[RETURNED]} {row.note}"
    if step == NEXT and row.kind == "expert":
        return f"For a lead: {row.note}."
    if step == NEXT and row.opinions:
        return "One opinion is in; a second is wanted."
    return WHY[step]


def _told(row: Slot, why: str) -> Claim:
    return Claim(
        slot_id=row.id,
        task_id=row.task_id,
        round=row.round,
        kind=row.kind,
        epoch=row.epoch,
        lease_until=row.lease_until,
        why=why,
    )
