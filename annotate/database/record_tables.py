"""Tables that only grow: operations, reviews, events; and the drafts that operations belong to."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from annotate.database.base import Base, Json, Key

APPEND_ONLY = ("operation", "review", "agreement", "event")
"""Tables whose rows no statement may change or remove; triggers see to it."""


class Draft(Base):
    """What one account made of one task in one round; it outlives lost leases.

    Attributes:
        version: number of operations. `state_hash`: of the state that they fold to.
        opened_at: when the task was first shown. `worked_at`: of the latest operation.
    """

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("task_id", "round", "account_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    round: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    version: Mapped[int] = mapped_column(default=0)
    state_hash: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[float]
    worked_at: Mapped[float]


class OperationRow(Base):
    """One operation as it was made.

    Attributes:
        number: 0, 1, … in its draft. `operation_id`: the client's UUID, unique in the draft.
        body: the operation's JSON.
    """

    __tablename__ = "operation"
    __table_args__ = (
        UniqueConstraint("draft_id", "number"),
        UniqueConstraint("draft_id", "operation_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    number: Mapped[int]
    operation_id: Mapped[str]
    body: Mapped[Json]
    at: Mapped[float]


class Review(Base):
    """A submission; it never changes, a correction is another one.

    Attributes:
        epoch: of the slot, so that a repeated submission finds the first.
        version, state_hash: the draft's first `version` operations, and what they fold to.
        picked_id: the opinion that an adjudicator chose instead of making one.
        active_ms: time at work, idle stretches cut, as the page measured it.
        wall_ms: time since the task was first shown.
        gold_score: on gold tasks, mean matched IoU with the truth, 0 for a wrong verdict.
        suggested, edits: operations made by taking a suggestion, and all operations.
    """

    __tablename__ = "review"
    __table_args__ = (
        CheckConstraint(
            "verdict IN ('accept', 'reject', 'needs-better-atoms', 'cannot-decide')",
            name="verdict",
        ),
        UniqueConstraint("slot_id", "epoch"),
        Index("ix_review_account_id_at", "account_id", "at"),
        Index("ix_review_task_id", "task_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id"))
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    round: Mapped[int]
    kind: Mapped[str]
    epoch: Mapped[int]
    version: Mapped[int]
    state_hash: Mapped[str]
    verdict: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    picked_id: Mapped[int | None] = mapped_column(default=None)
    active_ms: Mapped[int]
    wall_ms: Mapped[int]
    suggested: Mapped[int] = mapped_column(default=0)
    edits: Mapped[int] = mapped_column(default=0)
    gold_score: Mapped[float | None] = mapped_column(default=None)
    at: Mapped[float]


class Agreement(Base):
    """How far two blind opinions on one task agree; an arbiter's never enters here.

    Attributes:
        kappa, iou: per-face Cohen's kappa and mean matched IoU, area weighted; none unless both
            accepted.
        detail: further measures by name.
    """

    __tablename__ = "agreement"
    __table_args__ = (UniqueConstraint("first_id", "second_id"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    same_verdict: Mapped[bool]
    kappa: Mapped[float | None] = mapped_column(default=None)
    iou: Mapped[float | None] = mapped_column(default=None)
    detail: Mapped[Json]
    at: Mapped[float]


class Event(Base):
    """The audit trail: who did what to which task, and what was refused."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_task_id", "task_id"),
        Index("ix_event_account_id", "account_id"),
        Index("ix_event_action", "action"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[float]
    account_id: Mapped[int | None] = mapped_column(default=None)
    action: Mapped[str]
    task_id: Mapped[int | None] = mapped_column(default=None)
    origin: Mapped[str] = mapped_column(default="")
    detail: Mapped[Json]
