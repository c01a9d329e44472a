"""What took longest: objects worth a look, and pages to make faster."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.database.tables import Account, Review, Slot, Task

MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectTime:
    """One submission that stands."""

    uid: str
    name: str
    queue: str
    reviewer: str
    verdict: str
    active_s: float
    wall_s: float
    edits: int
    suggested: int
    faces: int


def slowest(session: Session, *, now: float) -> list[ObjectTime]:
    """The submissions with the most active time, longest first."""
    del now
    rows = session.execute(
        select(Review, Task, Account.name)
        .join(Slot, Slot.review_id == Review.id)
        .join(Task, Task.id == Review.task_id)
        .join(Account, Account.id == Review.account_id)
        .order_by(Review.active_ms.desc(), Review.id)
        .limit(MOST)
    )
    return [
        ObjectTime(
            uid=task.uid,
            name=task.name,
            queue=task.queue,
            reviewer=name,
            verdict=review.verdict,
            active_s=review.active_ms / 1000,
            wall_s=review.wall_ms / 1000,
            edits=review.edits,
            suggested=review.suggested,
            faces=task.faces,
        )
        for review, task, name in rows
    ]
