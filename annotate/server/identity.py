"""Who is calling: a browser by its cookie, a program by its bearer token; and whether it may."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response

from annotate.database import accounts
from annotate.database.audit import Caller
from annotate.server.policy import Verb, allowed
from annotate.server.problems import Problem
from annotate.server.services import Services, services_of
from annotate.server.shield import SAFE

COOKIE = "partworks_session"


def service(request: Request) -> Services:
    """The services, for routes."""
    return services_of(request)


Service = Annotated[Services, Depends(service)]


def identified(request: Request, services: Service) -> Caller | None:
    """The caller, or none for strangers; a cookie that does not fit is not overridden by a token.

    A token counts only where no cookie is sent: a request with both is a browser's, and the
    cookie is what the checks against forgery are about.
    """
    cookie = request.cookies.get(COOKIE)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if cookie is not None:
        kind, secret = "session", cookie
    elif scheme.lower() == "bearer":
        kind, secret = "token", token.strip()
    else:
        return None
    with services.database.read() as session:
        account = accounts.bearer(session, secret, kind=kind, now=services.clock())
    if account is None:
        return None
    caller = Caller(account.id, account.name, account.role, services.origin(request))
    request.state.caller = caller
    return caller


class Permit:
    """A dependency that lets callers through whose role may do `verb`, at the rate allowed."""

    def __init__(self, verb: Verb) -> None:
        self.verb = verb

    def __call__(
        self,
        request: Request,
        services: Service,
        caller: Annotated[Caller | None, Depends(identified)],
    ) -> Caller:
        """The caller; `not_signed_in`, `forbidden` or `too_many` otherwise."""
        if caller is None:
            raise Problem("not_signed_in", "log in, or send a token that is valid")
        if not allowed(caller.role, self.verb):
            raise Problem("forbidden", f"a {caller.role} may not {self.verb}; ask a lead")
        if request.method not in SAFE:
            wait = services.writes.take(str(caller.id))
            if wait is not None:
                raise Problem("too_many", "slow down", retry_after=wait)
        return caller


def set_cookie(response: Response, services: Services, secret: str) -> None:
    """Hand a browser its session: kept from scripts, and from requests of other sites."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=int(services.settings.session_seconds),
        httponly=True,
        samesite="strict",
        secure=services.settings.secure_cookies,
        path="/",
    )


Working = Annotated[Caller, Depends(Permit(Verb.WORK))]
Captioning = Annotated[Caller, Depends(Permit(Verb.EDIT_CAPTIONS))]
Reading = Annotated[Caller, Depends(Permit(Verb.READ_BLOBS))]
Leading = Annotated[Caller, Depends(Permit(Verb.LEAD_TASKS))]
Counting = Annotated[Caller, Depends(Permit(Verb.SEE_FIGURES))]
Auditing = Annotated[Caller, Depends(Permit(Verb.SEE_AUDIT))]
Managing = Annotated[Caller, Depends(Permit(Verb.MANAGE_ACCOUNTS))]
Owning = Annotated[Caller, Depends(Permit(Verb.OWN_TOKENS))]
