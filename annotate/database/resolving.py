"""What becomes of a task when an opinion comes in: wait, decide, or ask a third person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from annotate.database.audit import Caller, record
from annotate.database.rules import QueueRules
from annotate.database.tables import Agreement, Review, Slot, Task

if TYPE_CHECKING:
    from annotate.database.submitting import Compare

DISAGREE = "two reviewers disagree"
CANNOT = "a reviewer cannot decide"


def resolve(
    session: Session,
    caller: Caller,
    *,
    task: Task,
    slot: Slot,
    compare: Compare,
    rules: QueueRules,
    now: float,
) -> None:
    """Settle `task` after the review in `slot`; the caller holds the task's row.

    An expert's word ends it, whatever it is, or the same two would disagree again. A gold task is
    never settled.
    """
    if slot.kind == "gold":
        return
    review = session.get_one(Review, slot.review_id)
    if slot.kind == "expert":
        decide(session, caller, task=task, outcome_id=review.picked_id or review.id, now=now)
        return
    others = _standing(session, slot)
    agreed = all(
        _agree(session, first, review, compare=compare, rules=rules, now=now) for first in others
    )
    if review.verdict == "cannot-decide":
        _adjudicate(session, task, slot, note=CANNOT)
    elif not agreed:
        _adjudicate(session, task, slot, note=DISAGREE)
    elif task.state == "open" and len(others) + 1 >= task.want:
        first = min([*others, review], key=lambda one: one.id)
        decide(session, caller, task=task, outcome_id=first.id, now=now)
    else:
        _one_more(session, slot, count=len(others) + 1)


def _standing(session: Session, slot: Slot) -> list[Review]:
    """The other blind opinions of this round that were not taken back."""
    return list(
        session.scalars(
            select(Review)
            .join(Slot, Slot.review_id == Review.id)
            .where(
                Slot.task_id == slot.task_id,
                Slot.round == slot.round,
                Slot.kind == "review",
                Slot.state == "done",
                Slot.id != slot.id,
            )
            .order_by(Review.id)
        )
    )


def _agree(
    session: Session,
    first: Review,
    second: Review,
    *,
    compare: Compare,
    rules: QueueRules,
    now: float,
) -> bool:
    same = first.verdict == second.verdict
    row = Agreement(
        task_id=second.task_id,
        first_id=first.id,
        second_id=second.id,
        same_verdict=same,
        detail={},
        at=now,
    )
    if same and second.verdict == "accept":
        found = compare(first.draft_id, first.version)
        row.kappa, row.iou, row.detail = found.kappa, found.iou, found.detail
        same = found.iou >= rules.agree_iou
    session.add(row)
    return same


def decide(session: Session, caller: Caller, *, task: Task, outcome_id: int, now: float) -> None:
    """Let a review stand as the task's outcome, and close what is still open."""
    task.state, task.outcome_id, task.decided_at = "decided", outcome_id, now
    close_open(session, task)
    detail = {"outcome": outcome_id}
    record(session, caller, action="task.decide", now=now, task_id=task.id, detail=detail)


def close_open(session: Session, task: Task) -> None:
    """Nobody's opinion is wanted any more; drafts stay."""
    session.execute(
        update(Slot)
        .where(Slot.task_id == task.id, Slot.state == "open", Slot.kind != "gold")
        .values(state="closed")
        .execution_options(synchronize_session="fetch")
    )


def _adjudicate(session: Session, task: Task, slot: Slot, *, note: str) -> None:
    """Ask a third person, once; what other reviewers hold is no longer wanted."""
    task.state = "adjudication"
    close_open(session, task)
    last = session.scalar(
        select(func.max(Slot.number)).where(Slot.task_id == task.id, Slot.round == slot.round)
    )
    session.add(
        Slot(
            task_id=task.id,
            round=slot.round,
            number=(last or 0) + 1,
            queue=task.queue,
            kind="expert",
            priority=task.priority,
            opinions=task.want,
            note=note,
        )
    )


def _one_more(session: Session, slot: Slot, *, count: int) -> None:
    """What is begun is finished first."""
    session.execute(
        update(Slot)
        .where(Slot.task_id == slot.task_id, Slot.round == slot.round, Slot.state == "open")
        .values(opinions=count)
    )
