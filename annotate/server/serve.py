"""Running the server: with whom it lets in decided before the first request."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

import uvicorn
from sqlalchemy import select

from annotate.database.connection import Database
from annotate.database.tables import Account, Credential
from annotate.server.app import create_app
from annotate.server.routes.access import LOCAL
from annotate.server.settings import ServerSettings
from partworks.errors import UsageError


def serve(settings: ServerSettings, *, tell: Callable[[str], object]) -> None:
    """Serve until interrupted; `tell` gets the address to open, with the token where there is one.

    Raises:
        UsageError: other machines could connect and nobody could log in.
    """
    ready = admitted(settings)
    tell(address(ready))
    run(ready)


def run(settings: ServerSettings) -> None:
    """Serve until interrupted, without a look at who is let in.

    There is no access log: addresses may hold a token, and refusals are logged by the server.
    """
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )


def admitted(settings: ServerSettings) -> ServerSettings:
    """The settings with a fresh local token where there are no accounts to log in with.

    Raises:
        UsageError: there are none, and other machines could connect.
    """
    if settings.local_token is not None:
        return settings
    if _has_accounts(settings):
        return settings
    if not settings.is_local:
        raise UsageError(
            f"the server would listen on {settings.host} and let nobody in: add accounts with "
            "`partworks annotate users add`, or leave out --host to work alone on this machine"
        )
    return replace(settings, local_token=secrets.token_urlsafe(32))


def address(settings: ServerSettings) -> str:
    """What to open; the page takes the token out of the address at once."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    scheme = "https" if settings.secure_cookies else "http"
    token = "" if settings.local_token is None else f"?token={settings.local_token}"
    return f"{scheme}://{host}:{settings.port}/{token}"


def _has_accounts(settings: ServerSettings) -> bool:
    database = Database.opened(settings.database)
    try:
        with database.read() as session:
            password = select(Account.id).where(
                Account.active, Account.name != LOCAL, Account.password_hash != ""
            )
            token = select(Credential.id).where(Credential.kind == "token")
            found = session.scalar(password.limit(1)) or session.scalar(token.limit(1))
            return found is not None
    finally:
        database.close()
