"""Accounts, for admins; and the audit trail, for leads."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from annotate.database import accounts, audit
from annotate.database.tables import Account
from annotate.server import messages
from annotate.server.identity import Auditing, Managing, Service

router = APIRouter(tags=["administration"])


@router.get("/users")
def listing(caller: Managing, services: Service) -> messages.Accounts:
    """All accounts that may come in."""
    with services.database.read() as session:
        rows = accounts.listing(session)
    return messages.Accounts(users=[_row(row) for row in rows])


@router.post("/users")
def add(body: messages.AccountRequest, caller: Managing, services: Service) -> messages.AccountRow:
    """A new account; without a password it lets programs in by tokens alone."""
    with services.database.write() as session:
        row = accounts.add_account(
            session,
            caller,
            name=body.name,
            role=body.role,
            password=body.password,
            now=services.clock(),
        )
    return _row(row)


@router.patch("/users/{name}")
def change(
    name: str, body: messages.AccountChange, caller: Managing, services: Service
) -> messages.AccountRow:
    """Another role or password; the account's sessions end."""
    with services.database.write() as session:
        row = accounts.change_account(
            session,
            caller,
            name=name,
            role=body.role,
            password=body.password,
            now=services.clock(),
        )
    return _row(row)


@router.delete("/users/{name}")
def remove(name: str, caller: Managing, services: Service) -> messages.Done:
    """Nobody comes in by this name any more; what was done under it stays attributed."""
    with services.database.write() as session:
        accounts.remove_account(session, caller, name=name, now=services.clock())
    return messages.Done()


@router.get("/audit")
def events(
    caller: Auditing,
    services: Service,
    *,
    before: Annotated[int | None, Query(ge=1)] = None,
    task: Annotated[int | None, Query(ge=1)] = None,
    action: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=audit.PAGE)] = audit.PAGE,
) -> messages.EventPage:
    """The audit trail, newest first; `action` is the beginning of one."""
    with services.database.read() as session:
        rows = audit.page(session, before=before, task_id=task, action=action, limit=limit)
    found = [
        messages.EventRow(
            id=event.id,
            at=event.at,
            account=name,
            action=event.action,
            task=event.task_id,
            origin=event.origin,
            detail=event.detail,
        )
        for event, name in rows
    ]
    return messages.EventPage(events=found, before=rows[-1][0].id if len(rows) == limit else None)


def _row(account: Account) -> messages.AccountRow:
    return messages.AccountRow(
        name=account.name,
        role=account.role,
        has_password=bool(account.password_hash),
        created_at=account.created_at,
    )
