"""Handing out tasks: one UPDATE of the best open slot, so that no two reviewers hold one task.

Counting opinions at claim time instead ("insert where count < wanted") over-claims under
PostgreSQL's default isolation; rows that exist before anybody asks do not. `FOR UPDATE SKIP LOCKED`
in the sub-select lets claims pass each other; SQLite has one writer and needs no lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from annotate.database import gold
from annotate.database.audit import Caller, record
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
    slot = aliased(Slot)
    lease = now + rules.lease_seconds
    ground = _claimable(slot, caller, now=now, queue=queue)
    best = (slot.opinions.desc(), slot.priority.desc(), _shuffled(slot, caller), slot.id)
    put_off = _skip_of(slot, caller, "later")
    steps: list[tuple[str, Sequence[ColumnElement[bool]], Sequence[Any]]] = [
        (RETURNED, (slot.returned_to == caller.id,), best),
        (BEGUN, (_draft_of(slot, caller), ~put_off), best),
        (GOLD, (), ()),
        (NEXT, (~put_off,), (*_experts_first(slot, caller), *best)),
        (PUT_OFF, (), best),
    ]
    for step, wanted, order in steps:
        if step == GOLD:
            row = gold.claim_due(session, caller, share=rules.gold_share, lease=lease, queue=queue)
        else:
            chosen = select(slot.id).where(*ground, *wanted).order_by(*order).limit(1)
            row = _take(session, caller, chosen=chosen, lease=lease)
        if row is not None:
            if step == PUT_OFF:
                _forget_later(session, caller, row)
            return _told(row, _why(row, step))
    return None


def anything_open(
    session: Session, caller: Caller, *, now: float, queue: str | None = None
) -> bool:
    """Whether `claim` could find something if no row were locked at this moment."""
    slot = aliased(Slot)
    ground = _claimable(slot, caller, now=now, queue=queue)
    return session.scalar(select(slot.id).where(*ground).limit(1)) is not None


def following(
    session: Session, caller: Caller, *, now: float, queue: str | None = None
) -> Task | None:
    """What the caller would probably be handed next; nothing is promised, nothing is locked."""
    slot = aliased(Slot)
    ground = _claimable(slot, caller, now=now, queue=queue)
    best = (slot.opinions.desc(), slot.priority.desc(), _shuffled(slot, caller), slot.id)
    chosen = (
        select(slot.task_id)
        .where(*ground, ~_skip_of(slot, caller, "later"))
        .order_by(*_experts_first(slot, caller), *best)
        .limit(1)
    )
    task_id = session.scalar(chosen)
    return None if task_id is None else session.get(Task, task_id)


def why_nothing(session: Session, *, now: float, queue: str | None = None) -> str:
    """One sentence for somebody who was handed nothing."""
    held = select(func.count(), func.min(Slot.lease_until)).where(
        Slot.state == "open", Slot.lease_until > now
    )
    if queue is not None:
        held = held.where(Slot.queue == queue)
    count, first = session.execute(held).one()
    if not count:
        return "Nothing is left to review."
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


def _take(session: Session, caller: Caller, *, chosen: Any, lease: float) -> Slot | None:
    chosen = chosen.with_for_update(skip_locked=True)
    statement = (
        update(Slot)
        .where(Slot.id == chosen.scalar_subquery())
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


def _claimable(
    slot: type[Slot], caller: Caller, *, now: float, queue: str | None
) -> list[ColumnElement[bool]]:
    """Open, of a kind for this caller, and of a task that the caller has no part in."""
    kinds = ("review", "expert") if caller.leads else ("review",)
    other = aliased(Slot)
    had = exists().where(
        other.task_id == slot.task_id, other.round == slot.round, other.holder == caller.id
    )
    ground = [
        slot.kind.in_(kinds),
        slot.state == "open",
        slot.lease_until <= now,
        func.coalesce(slot.returned_to, caller.id) == caller.id,
        ~had,
        ~_skip_of(slot, caller, "skip"),
    ]
    return ground if queue is None else [slot.queue == queue, *ground]


def _skip_of(slot: type[Slot], caller: Caller, kind: str) -> ColumnElement[bool]:
    return exists().where(
        Skip.task_id == slot.task_id,
        Skip.round == slot.round,
        Skip.account_id == caller.id,
        Skip.kind == kind,
    )


def _draft_of(slot: type[Slot], caller: Caller) -> ColumnElement[bool]:
    """Asked from the account's few drafts, not from the many open slots."""
    begun = select(Draft.task_id).where(Draft.account_id == caller.id, Draft.version > 0)
    same = exists().where(
        and_(Draft.task_id == slot.task_id, Draft.round == slot.round),
        Draft.account_id == caller.id,
        Draft.version > 0,
    )
    return and_(slot.task_id.in_(begun), same)


def _experts_first(slot: type[Slot], caller: Caller) -> tuple[Any, ...]:
    return (slot.kind,) if caller.leads else ()  # 'expert' sorts before 'review'


def _shuffled(slot: type[Slot], caller: Caller) -> ColumnElement[int]:
    """Another order of equals for each account, so that neighbours do not want the same row."""
    return (slot.task_id * 7919 + caller.id * 104_729) % 1_000_003


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
