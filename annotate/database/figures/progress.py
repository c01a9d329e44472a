"""How far each queue is."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from annotate.database.tables import Review, Slot, Task

WEEK = 7 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueProgress:
    """One queue, gold tasks left out.

    Attributes:
        ready: slots that can be claimed now. `held`: slots with a live lease.
        open, adjudication, decided, superseded: tasks by state.
        accepted, rejected, needs_better_atoms, cannot_decide: decided tasks by verdict.
        decided_in_week: in the last seven days.
        active_hours_left: slots left times the median active time of the last seven days; none
            before anybody has worked.
        stale_leases: slots whose holder let the lease run out.
    """

    queue: str
    tasks: int
    open: int
    adjudication: int
    decided: int
    superseded: int
    ready: int
    held: int
    accepted: int
    rejected: int
    needs_better_atoms: int
    cannot_decide: int
    decided_in_week: int
    active_hours_left: float | None
    stale_leases: int


def progress(session: Session, *, now: float) -> list[QueueProgress]:
    """A row for each queue, by name."""
    queues = session.scalars(select(Task.queue).distinct().order_by(Task.queue)).all()
    return [_of_queue(session, queue, now=now) for queue in queues]


def _of_queue(session: Session, queue: str, *, now: float) -> QueueProgress:
    by_state = _counts(session, queue)
    verdicts = _verdicts(session, queue)
    ready, held, stale = _slots(session, queue, now=now)
    pace = _median_active(session, queue, since=now - WEEK)
    recent = session.scalar(
        select(func.count()).where(Task.queue == queue, ~Task.gold, Task.decided_at > now - WEEK)
    )
    return QueueProgress(
        queue=queue,
        tasks=sum(by_state.values()),
        open=by_state.get("open", 0),
        adjudication=by_state.get("adjudication", 0),
        decided=by_state.get("decided", 0),
        superseded=by_state.get("superseded", 0),
        ready=ready,
        held=held,
        accepted=verdicts.get("accept", 0),
        rejected=verdicts.get("reject", 0),
        needs_better_atoms=verdicts.get("needs-better-atoms", 0),
        cannot_decide=verdicts.get("cannot-decide", 0),
        decided_in_week=recent or 0,
        active_hours_left=None if pace is None else (ready + held) * pace / 3.6e6,
        stale_leases=stale,
    )


def _counts(session: Session, queue: str) -> dict[str, int]:
    rows = session.execute(
        select(Task.state, func.count()).where(Task.queue == queue, ~Task.gold).group_by(Task.state)
    )
    return dict(rows.all())


def _verdicts(session: Session, queue: str) -> dict[str, int]:
    rows = session.execute(
        select(Review.verdict, func.count())
        .join(Task, Task.outcome_id == Review.id)
        .where(Task.queue == queue, Task.state == "decided", ~Task.gold)
        .group_by(Review.verdict)
    )
    return dict(rows.all())


def _slots(session: Session, queue: str, *, now: float) -> tuple[int, int, int]:
    held = case((Slot.lease_until > now, 1), else_=0)
    stale = case((Slot.holder.is_not(None) & (Slot.lease_until <= now), 1), else_=0)
    count, holds, stales = session.execute(
        select(func.count(), func.sum(held), func.sum(stale)).where(
            Slot.queue == queue, Slot.state == "open", Slot.kind != "gold"
        )
    ).one()
    return count - (holds or 0), holds or 0, stales or 0


def _median_active(session: Session, queue: str, *, since: float) -> float | None:
    times = session.scalars(
        select(Review.active_ms)
        .join(Task, Task.id == Review.task_id)
        .where(Task.queue == queue, Review.at > since)
    ).all()
    return median(times) if times else None
