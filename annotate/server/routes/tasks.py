"""What leads do with tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.database import gold, leases, tasks
from annotate.database.tables import Account, Review, Slot, Task
from annotate.server import messages
from annotate.server.identity import Leading, Service

router = APIRouter(tags=["tasks"])

Word = Annotated[str | None, Query(max_length=200)]


@router.get("/tasks")
def listing(
    caller: Leading,
    services: Service,
    *,
    state: Word = None,
    queue: Word = None,
    uid: Word = None,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=tasks.PAGE)] = tasks.PAGE,
) -> messages.TaskPage:
    """Tasks by id, a page at a time."""
    query = tasks.listing(state=state, queue=queue, uid=uid, after=after, limit=limit)
    with services.database.read() as session:
        rows = session.scalars(query).all()
        found = _described(session, rows, now=services.clock())
    return messages.TaskPage(tasks=found, after=rows[-1].id if len(rows) == limit else None)


@router.post("/tasks/{task_id}/force-release")
def force_release(task_id: messages.Id, caller: Leading, services: Service) -> messages.Released:
    """Free a task from whoever holds it; their drafts are kept."""
    with services.database.write() as session:
        count = leases.force_release(session, caller, task_id=task_id, now=services.clock())
    return messages.Released(released=count)


@router.post("/tasks/{task_id}/gold")
def make_gold(task_id: messages.Id, caller: Leading, services: Service) -> messages.Gold:
    """Mix a decided task in as one with known answer, for those who have not seen it."""
    with services.database.write() as session:
        copy = gold.make_gold(session, caller, task_id=task_id, now=services.clock())
    return messages.Gold(task=copy)


def _described(session: Session, rows: Sequence[Task], *, now: float) -> list[messages.TaskRow]:
    ids = [row.id for row in rows]
    outcomes = {
        review.id: review
        for review in session.scalars(
            select(Review).where(Review.id.in_([row.outcome_id for row in rows if row.outcome_id]))
        )
    }
    holders, reviewers = defaultdict(list), defaultdict(list)
    slots = session.execute(
        select(Slot, Account.name)
        .join(Account, Account.id == Slot.holder)
        .where(Slot.task_id.in_(ids))
        .order_by(Slot.id)
    )
    for slot, name in slots:
        if slot.state == "open" and slot.lease_until > now:
            holders[slot.task_id].append(name)
        elif slot.state == "done":
            reviewers[slot.task_id].append(name)
    return [
        _row(row, outcomes.get(row.outcome_id or 0), holders[row.id], reviewers[row.id])
        for row in rows
    ]


def _row(
    task: Task, outcome: Review | None, holders: list[str], reviewers: list[str]
) -> messages.TaskRow:
    same = {
        name: getattr(task, name)
        for name in messages.TaskRow.model_fields
        if name not in ("verdict", "reason", "holders", "reviewers")
    }
    return messages.TaskRow(
        **same,
        verdict=outcome.verdict if outcome else None,
        reason=outcome.reason if outcome else None,
        holders=holders,
        reviewers=reviewers,
    )
