"""The audit trail: written with what it tells of, read by leads, changed by nobody."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.database.base import Json
from annotate.database.tables import Account, Event

PAGE = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a transaction runs.

    Attributes:
        account_id: none for strangers and for the command line.
        role: of the account, empty for strangers.
        origin: a keyed hash of the client's address, or `command line`.
    """

    account_id: int | None
    name: str = ""
    role: str = ""
    origin: str = ""

    @property
    def id(self) -> int:
        """The account; only for callers that are known."""
        assert self.account_id is not None
        return self.account_id

    @property
    def leads(self) -> bool:
        """Whether expert slots are for this caller."""
        return self.role in ("lead", "admin")


def record(
    session: Session,
    caller: Caller,
    *,
    action: str,
    now: float,
    task_id: int | None = None,
    detail: Json | None = None,
) -> None:
    """Add one event, such as `task.submit` or `refused.not_yours`."""
    session.add(
        Event(
            at=now,
            account_id=caller.account_id,
            action=action,
            task_id=task_id,
            origin=caller.origin,
            detail=detail or {},
        )
    )


def page(
    session: Session,
    *,
    before: int | None = None,
    task_id: int | None = None,
    account_id: int | None = None,
    action: str | None = None,
    limit: int = PAGE,
) -> list[tuple[Event, str | None]]:
    """Events, newest first, with the names of who did them; `before` is the last id seen."""
    query = select(Event, Account.name).join(Account, Account.id == Event.account_id, isouter=True)
    if before is not None:
        query = query.where(Event.id < before)
    if task_id is not None:
        query = query.where(Event.task_id == task_id)
    if account_id is not None:
        query = query.where(Event.account_id == account_id)
    if action is not None:
        query = query.where(Event.action.startswith(action, autoescape=True))
    rows = session.execute(query.order_by(Event.id.desc()).limit(min(limit, PAGE))).all()
    return [(event, name) for event, name in rows]
