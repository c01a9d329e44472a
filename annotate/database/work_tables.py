"""Tables of what there is to review and of who holds what: tasks, slots, skips."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from annotate.database.base import Base, Json, Key

NEVER = 0.0


class Task(Base):
    """One object to review, in one queue, for one over-segmentation.

    Attributes:
        uid: the object. `revision`: digest of its over-segmentation; a new one is a new task.
        geometry_hash, faces: of the object, for those who send labels.
        mesh, atoms: blob names `<sha256>.<ext>` of the review mesh and of the atom of each face.
        details: what the page and the rules need besides: `tree` (children, heights,
            default_height), `materials`, `features`; nothing here is queried.
        priority: higher is handed out sooner. `want`: opinions wanted.
        round: raised by reopening for anyone; slots and drafts belong to a round.
        gold: a task with known answer, mixed in to measure reviewers; `truth` holds the answer:
            verdict and operations.
        state: open -> adjudication -> decided; superseded when a new revision came.
        outcome_id: the review that stands.
    """

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'adjudication', 'decided', 'superseded')", name="state"),
        UniqueConstraint("queue", "uid", "revision", "gold"),
        Index("ix_task_queue_state", "queue", "state"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    queue: Mapped[str]
    uid: Mapped[str]
    name: Mapped[str]
    category: Mapped[str] = mapped_column(default="")
    revision: Mapped[str]
    geometry_hash: Mapped[str]
    faces: Mapped[int]
    mesh: Mapped[str]
    atoms: Mapped[str]
    details: Mapped[Json]
    priority: Mapped[float] = mapped_column(default=0.0)
    want: Mapped[int] = mapped_column(default=1)
    round: Mapped[int] = mapped_column(default=0)
    gold: Mapped[bool] = mapped_column(default=False)
    truth: Mapped[Json | None] = mapped_column(JSON(none_as_null=True), default=None)
    state: Mapped[str] = mapped_column(default="open")
    outcome_id: Mapped[int | None] = mapped_column(default=None)
    created_at: Mapped[float]
    decided_at: Mapped[float | None] = mapped_column(default=None)


class Slot(Base):
    """Room for one opinion on a task; claiming it is one UPDATE, and `epoch` fences the claim.

    An open slot is held while `lease_until` lies ahead, and anybody's afterwards. `queue`,
    `priority` and `opinions` repeat the task's, so that an index can give the best slot.

    Attributes:
        kind: `review`; `expert` (a lead's: adjudication, or too often skipped); `gold`.
        state: open, done (`review_id` is set), closed (the task no longer wants it).
        returned_to: handed to this account first and to nobody else.
        opinions: how many the task has had in this round.
        note: why it is with an expert, or what a lead wrote when returning it.
    """

    __tablename__ = "slot"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'done', 'closed')", name="state"),
        CheckConstraint("kind IN ('review', 'expert', 'gold')", name="kind"),
        UniqueConstraint("task_id", "round", "number"),
        UniqueConstraint("task_id", "round", "holder"),
        Index("ix_slot_best", "state", "kind", "opinions", "priority"),
        Index("ix_slot_best_of_queue", "queue", "state", "kind", "opinions", "priority"),
        Index("ix_slot_holder_state", "holder", "state"),
        Index("ix_slot_returned_to", "returned_to"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    round: Mapped[int]
    number: Mapped[int]
    queue: Mapped[str]
    kind: Mapped[str] = mapped_column(default="review")
    state: Mapped[str] = mapped_column(default="open")
    priority: Mapped[float] = mapped_column(default=0.0)
    opinions: Mapped[int] = mapped_column(default=0)
    holder: Mapped[int | None] = mapped_column(ForeignKey("account.id"), default=None)
    lease_until: Mapped[float] = mapped_column(default=NEVER)
    epoch: Mapped[int] = mapped_column(default=0)
    returned_to: Mapped[int | None] = mapped_column(ForeignKey("account.id"), default=None)
    review_id: Mapped[int | None] = mapped_column(default=None)
    note: Mapped[str] = mapped_column(default="")


class Skip(Base):
    """Somebody passed a task on: `skip` for good in this round, `later` until nothing else is."""

    __tablename__ = "skip"
    __table_args__ = (
        CheckConstraint("kind IN ('skip', 'later')", name="kind"),
        UniqueConstraint("task_id", "round", "account_id"),
        Index("ix_skip_account_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    round: Mapped[int]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[float]
