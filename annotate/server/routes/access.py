"""Coming in and going out."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session as DatabaseSession

from annotate.database import accounts
from annotate.database.audit import Caller, record
from annotate.database.tables import Account
from annotate.server import messages
from annotate.server.buckets import Buckets
from annotate.server.identity import COOKIE, Owning, Service, identified, set_cookie
from annotate.server.problems import Problem
from annotate.server.services import Services

router = APIRouter(tags=["access"])

LOCAL = "local"
"""The account of whoever holds the token that is printed at start."""

DAY = 86_400.0


@router.get("/session")
def session(caller: Annotated[Caller | None, Depends(identified)]) -> messages.Session:
    """Who is logged in; open to strangers, so that the page knows whether to ask."""
    user = None if caller is None else messages.User(name=caller.name, role=caller.role)
    return messages.Session(user=user)


@router.post("/login")
def login(
    body: messages.Login, request: Request, response: Response, services: Service
) -> messages.Session:
    """Exchange a password or a token for a session cookie."""
    origin = services.origin(request)
    name = body.name or ""
    for bucket, key in _buckets(services, origin, name):
        wait = bucket.look(key)
        if wait is not None:
            raise Problem("too_many", "too many failed logins; wait", retry_after=wait)
    with services.database.read() as database:
        account = _account(services, database, body)
    if account is None:
        for bucket, key in _buckets(services, origin, name):
            bucket.take(key)
        request.state.caller = Caller(None, name=name)
        raise Problem("wrong_credentials", "no account has this name and password, or this token")
    caller = Caller(account.id, account.name, account.role, origin)
    now = services.clock()
    with services.database.write() as database:
        issued = accounts.issue(
            database,
            caller,
            account=account,
            kind="session",
            seconds=services.settings.session_seconds,
            now=now,
        )
        record(database, caller, action="session.login", now=now)
    set_cookie(response, services, issued.secret)
    return messages.Session(user=messages.User(name=account.name, role=account.role))


@router.post("/logout")
def logout(
    request: Request,
    response: Response,
    services: Service,
    caller: Annotated[Caller | None, Depends(identified)],
) -> messages.Done:
    """Void the cookie; a copy of it opens nothing afterwards."""
    cookie = request.cookies.get(COOKIE)
    if cookie is not None and caller is not None:
        with services.database.write() as database:
            accounts.revoke(database, cookie)
            record(database, caller, action="session.logout", now=services.clock())
    response.delete_cookie(COOKIE, path="/")
    return messages.Done()


@router.get("/tokens")
def tokens(caller: Owning, services: Service) -> messages.Tokens:
    """One's own tokens, without their secrets."""
    with services.database.read() as database:
        rows = accounts.tokens_of(database, caller.id)
    return messages.Tokens(
        tokens=[
            messages.TokenRow(
                id=row.id, label=row.label, created_at=row.created_at, expires_at=row.expires_at
            )
            for row in rows
        ]
    )


@router.post("/tokens")
def make_token(body: messages.TokenRequest, caller: Owning, services: Service) -> messages.Token:
    """A token for programs, to be sent as `Authorization: Bearer …`; shown this once."""
    with services.database.write() as database:
        issued = accounts.issue(
            database,
            caller,
            account=database.get_one(Account, caller.id),
            kind="token",
            label=body.label,
            seconds=body.days * DAY,
            now=services.clock(),
        )
    return messages.Token(
        id=issued.credential_id, token=issued.secret, expires_at=issued.expires_at
    )


@router.delete("/tokens/{token_id}")
def remove_token(token_id: messages.Id, caller: Owning, services: Service) -> messages.Done:
    """Void one of one's own tokens."""
    with services.database.write() as database:
        accounts.revoke_token(database, caller, token_id=token_id, now=services.clock())
    return messages.Done()


def _account(services: Services, database: DatabaseSession, body: messages.Login) -> Account | None:
    """The account that a login fits; both ways take their time with wrong answers."""
    query = select(Account).where(Account.active)
    if body.token is not None:
        local = services.settings.local_token
        if local is not None and hmac.compare_digest(body.token.encode(), local.encode()):
            return database.scalars(query.where(Account.name == LOCAL)).one_or_none()
        return accounts.bearer(database, body.token, kind="token", now=services.clock())
    account = database.scalars(query.where(Account.name == (body.name or ""))).one_or_none()
    with services.hashing:
        fits = accounts.password_fits(account, body.password or "")
    return account if fits else None


def _buckets(services: Services, origin: str, name: str) -> tuple[tuple[Buckets, str], ...]:
    """Failed logins are counted by address and name, so that nobody can lock others out."""
    return ((services.logins, f"{origin} {name}"), (services.logins_of_address, origin))
