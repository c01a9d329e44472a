"""A verdict: an immutable review in the slot, and what follows for the task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.database import drafts
from annotate.database.audit import Caller, record
from annotate.database.base import Json
from annotate.database.errors import Refused
from annotate.database.leases import fenced, locked_task
from annotate.database.resolving import resolve
from annotate.database.rules import QueueRules
from annotate.database.tables import Draft, Review, Slot, Task

VERDICTS = ("accept", "reject", "needs-better-atoms", "cannot-decide")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a reviewer sends.

    Attributes:
        version, state_hash: of the draft that the reviewer saw.
        active_ms: time at work. `picked_id`: the opinion that an arbiter lets stand.
    """

    epoch: int
    version: int
    state_hash: str
    verdict: str
    reason: str = ""
    note: str = ""
    active_ms: int = 0
    picked_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two accepted opinions measured against each other: per-face kappa and mean matched IoU."""

    kappa: float
    iou: float
    detail: Json = field(default_factory=dict)


Compare = Callable[[int, int], Comparison]
"""(draft id, version) of another opinion, against the one that is being submitted."""

Score = Callable[[Json], float]
"""Mean matched IoU of the opinion that is being submitted with the truth of a gold task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judges:
    """What measures opinions; handed in because the database knows no geometry."""

    compare: Compare
    score: Score
    suggested: int = 0


def submit(
    session: Session,
    caller: Caller,
    *,
    task_id: int,
    submission: Submission,
    judges: Judges,
    rules: QueueRules,
    now: float,
) -> tuple[Review, bool]:
    """Store a review and settle the task; returns it and whether it was there already.

    Raises:
        Refused: see `fenced`; `conflict` when the draft has another version, `state_mismatch` when
            the client's labels are not those of the draft, `already_submitted` for another verdict
            than the one that is stored, `invalid` for an arbiter's pick of no opinion.
    """
    # The task's row first: two last opinions that come together settle it one after the other.
    task = locked_task(session, task_id)
    known = _known(session, caller, task_id=task_id, submission=submission)
    if known is not None:
        return known, True
    slot = fenced(session, caller, task_id=task_id, epoch=submission.epoch)
    draft = _draft(session, caller, slot=slot, submission=submission)
    review = _review(task, slot, draft, submission=submission, judges=judges, now=now)
    _check_pick(session, slot, submission)
    session.add(review)
    session.flush()
    slot.state, slot.review_id, slot.returned_to = "done", review.id, None
    detail = {"slot": slot.id, "review": review.id, "verdict": review.verdict}
    record(session, caller, action="task.submit", now=now, task_id=task_id, detail=detail)
    session.flush()
    resolve(session, caller, task=task, slot=slot, compare=judges.compare, rules=rules, now=now)
    return review, False


def _known(
    session: Session, caller: Caller, *, task_id: int, submission: Submission
) -> Review | None:
    """The review that this very request made before, if its answer was lost on the way."""
    review = session.scalars(
        select(Review)
        .join(Slot, Slot.review_id == Review.id)
        .where(
            Review.task_id == task_id,
            Review.account_id == caller.id,
            Review.epoch == submission.epoch,
        )
        .order_by(Review.id.desc())
        .limit(1)
    ).one_or_none()
    if review is None:
        return None
    same = ("version", "state_hash", "verdict", "reason", "note", "picked_id")
    if all(getattr(review, name) == getattr(submission, name) for name in same):
        return review
    raise Refused(
        "already_submitted",
        f"task {task_id} is submitted as {review.verdict!r}; reopen it to change that",
    )


def _draft(session: Session, caller: Caller, *, slot: Slot, submission: Submission) -> Draft:
    draft = session.scalars(
        select(Draft)
        .where(
            Draft.task_id == slot.task_id,
            Draft.round == slot.round,
            Draft.account_id == caller.id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if draft.version != submission.version:
        since = drafts.operations(session, draft.id, since=submission.version)
        raise drafts.conflict(draft, since)
    if draft.state_hash and draft.state_hash != submission.state_hash:
        raise Refused(
            "state_mismatch",
            "your labels are not what the stored operations make; reload the page",
            version=draft.version,
            state_hash=draft.state_hash,
        )
    return draft


def _review(
    task: Task, slot: Slot, draft: Draft, *, submission: Submission, judges: Judges, now: float
) -> Review:
    score = None
    if task.gold:
        truth = task.truth or {}
        same = truth.get("verdict") == submission.verdict
        judged = same and submission.verdict == "accept"
        score = judges.score(truth) if judged else float(same)
    return Review(
        task_id=task.id,
        slot_id=slot.id,
        draft_id=draft.id,
        account_id=draft.account_id,
        round=slot.round,
        kind=slot.kind,
        epoch=submission.epoch,
        version=submission.version,
        state_hash=submission.state_hash,
        verdict=submission.verdict,
        reason=submission.reason,
        note=submission.note,
        picked_id=submission.picked_id,
        active_ms=submission.active_ms,
        wall_ms=round((now - draft.opened_at) * 1000),
        suggested=judges.suggested,
        edits=submission.version,
        gold_score=score,
        at=now,
    )


def _check_pick(session: Session, slot: Slot, submission: Submission) -> None:
    if submission.picked_id is None:
        return
    picked = session.get(Review, submission.picked_id)
    if slot.kind != "expert" or picked is None or picked.task_id != slot.task_id:
        raise Refused("invalid", f"{submission.picked_id} is no opinion on this task to pick")
    if picked.verdict != submission.verdict:
        raise Refused("invalid", f"the opinion picked says {picked.verdict!r}: send that verdict")
