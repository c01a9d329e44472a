"""What was decided, with everything needed to replay it: the input of exports."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from annotate.database import drafts
from annotate.database.base import Json
from annotate.database.tables import Account, Review, Slot, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The outcome of one task.

    Attributes:
        verdict: `accept`, `reject`, `needs-better-atoms` or `cannot-decide`.
        reviewer: who made the labels that stand. `reviewers`: all whose opinion stands.
        operations: fold them over the over-segmentation `revision` to get the labels.
        state_hash: of what they fold to.
        digest: SHA-256 hex over all of the above; it changes whenever the decision does.
    """

    task_id: int
    queue: str
    uid: str
    revision: str
    geometry_hash: str
    verdict: str
    reason: str
    note: str
    reviewer: str
    reviewers: tuple[str, ...]
    operations: tuple[Json, ...]
    state_hash: str
    active_ms: int
    decided_at: float

    @property
    def digest(self) -> str:
        """SHA-256 hex of what matters to those who use the decision; times do not."""
        content = [
            self.uid,
            self.revision,
            self.geometry_hash,
            self.verdict,
            self.reason,
            self.reviewer,
            self.state_hash,
            list(self.operations),
        ]
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


def decisions(session: Session, *, queue: str | None = None) -> Iterator[Decision]:
    """Every decided task in order of its id; gold copies are no tasks of the data set."""
    author = aliased(Account)
    query = (
        select(Task, Review, author.name)
        .join(Review, Review.id == Task.outcome_id)
        .join(author, author.id == Review.account_id)
        .where(Task.state == "decided", ~Task.gold)
        .order_by(Task.id)
    )
    if queue is not None:
        query = query.where(Task.queue == queue)
    for task, review, name in session.execute(query).all():
        yield _decision(session, task, review, name)


def _decision(session: Session, task: Task, review: Review, name: str) -> Decision:
    standing = session.scalars(
        select(Account.name)
        .join(Review, Review.account_id == Account.id)
        .join(Slot, Slot.review_id == Review.id)
        .where(Slot.task_id == task.id, Slot.round == task.round, Slot.state == "done")
        .order_by(Review.id)
    ).all()
    body = drafts.operations(session, review.draft_id, until=review.version)
    return Decision(
        task_id=task.id,
        queue=task.queue,
        uid=task.uid,
        revision=task.revision,
        geometry_hash=task.geometry_hash,
        verdict=review.verdict,
        reason=review.reason,
        note=review.note,
        reviewer=name,
        reviewers=tuple(standing),
        operations=tuple(body),
        state_hash=review.state_hash,
        active_ms=review.active_ms,
        decided_at=task.decided_at or review.at,
    )
