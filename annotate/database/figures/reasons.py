"""Why objects were rejected."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotate.database.tables import Review, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """How many objects of a queue were rejected for a reason."""

    queue: str
    reason: str
    objects: int


def reasons(session: Session, *, now: float) -> list[ReasonCount]:
    """A row for each queue and reason, the most frequent first."""
    del now
    count = func.count()
    rows = session.execute(
        select(Task.queue, Review.reason, count)
        .join(Review, Review.id == Task.outcome_id)
        .where(Review.verdict == "reject", Task.state == "decided", ~Task.gold)
        .group_by(Task.queue, Review.reason)
        .order_by(Task.queue, count.desc(), Review.reason)
    )
    return [ReasonCount(queue=queue, reason=reason, objects=n) for queue, reason, n in rows]
