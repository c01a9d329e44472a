"""Which slots a caller may be handed, and which of them is best, as statements.

For one kind of slots the order is that of an index but for its last terms, so that the best of a
hundred thousand is found as fast as that of a hundred.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from annotate.database.audit import Caller
from annotate.database.tables import Draft, Skip, Slot


@dataclass(frozen=True, slots=True)
class Candidates:
    """Slots that are open to a caller now.

    Attributes:
        slot: stands for a row. `ground`: what all candidates have in common.
        put_off: that the caller put it off.
        shuffled: another order of equals for each account, so that neighbours do not want the same
            row.
    """

    slot: Any
    ground: tuple[ColumnElement[bool], ...]
    put_off: ColumnElement[bool]
    shuffled: ColumnElement[int]

    def among(self, task_ids: Sequence[int]) -> ColumnElement[bool]:
        """That a slot is of one of a few tasks; a short list lets the database begin with them."""
        found: ColumnElement[bool] = self.slot.task_id.in_(task_ids)
        return found

    def best(self, kind: str, wanted: ColumnElement[bool]) -> Select[int]:
        """The id of the best one: what has an opinion, then priority."""
        slot = self.slot
        return (
            select(slot.id)
            .where(slot.kind == kind, *self.ground, wanted)
            .order_by(slot.opinions.desc(), slot.priority.desc(), self.shuffled, slot.id)
            .limit(1)
        )


def kinds(caller: Caller) -> tuple[str, ...]:
    """The kinds of slots that are for a caller, first ones first."""
    return ("expert", "review") if caller.leads else ("review",)


def open_slots(caller: Caller, *, now: float, queue: str | None) -> Candidates:
    """Open, held by nobody, and of a task that the caller has no part in."""
    slot, other = aliased(Slot), aliased(Slot)
    had = exists().where(
        other.task_id == slot.task_id, other.round == slot.round, other.holder == caller.id
    )
    ground = [
        slot.state == "open",
        slot.lease_until <= now,
        func.coalesce(slot.returned_to, caller.id) == caller.id,
        ~had,
        ~_skip_of(slot, caller, "skip"),
    ]
    if queue is not None:
        ground.append(slot.queue == queue)
    return Candidates(
        slot=slot,
        ground=tuple(ground),
        put_off=_skip_of(slot, caller, "later"),
        shuffled=(slot.task_id * 7919 + caller.id * 104_729) % 1_000_003,
    )


def _skip_of(slot: Any, caller: Caller, kind: str) -> ColumnElement[bool]:
    return exists().where(
        Skip.task_id == slot.task_id,
        Skip.round == slot.round,
        Skip.account_id == caller.id,
        Skip.kind == kind,
    )


def returned_tasks(session: Session, caller: Caller) -> list[int]:
    """Tasks that a lead returned to the caller."""
    query = select(Slot.task_id).where(Slot.returned_to == caller.id, Slot.state == "open")
    return list(session.scalars(query))


def begun_tasks(session: Session, caller: Caller) -> list[int]:
    """Tasks that the caller has worked on and has not submitted."""
    slot = aliased(Slot)
    done = exists().where(
        slot.task_id == Draft.task_id,
        slot.round == Draft.round,
        slot.holder == caller.id,
        slot.state == "done",
    )
    query = select(Draft.task_id).where(Draft.account_id == caller.id, Draft.version > 0, ~done)
    return list(session.scalars(query))
