"""The review server as one ASGI application."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from annotate.database import accounts
from annotate.database.audit import Caller
from annotate.database.errors import Refused
from annotate.database.tables import Account
from annotate.server import messages
from annotate.server.problems import STATUS, Problem
from annotate.server.routes import access, captions, files, statistics, tasks, users, work
from annotate.server.services import LOG, Services, services_of
from annotate.server.settings import ServerSettings
from annotate.server.shield import HEADERS, Shield

API = "/api/v1"

RESPONSES = {
    status: {"model": messages.ProblemAnswer, "description": ", ".join(codes)}
    for status, codes in {
        status: sorted(code for code, value in STATUS.items() if value == status)
        for status in sorted({401, 403, 404, 409, 413, 422, 429})
    }.items()
}


def create_app(settings: ServerSettings, *, clock: Callable[[], float] = time.time) -> FastAPI:
    """The application; the database is opened and migrated, and `local` made if it may log in."""
    services = Services.of(settings, clock=clock)
    if settings.local_token is not None:
        _ensure_local(services)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        services.close()

    app = FastAPI(
        title="Partworks review",
        version="1",
        description="The review queue: claim, edit, submit; and what leads need to steer it.",
        openapi_url=f"{API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.services = services
    api = APIRouter(prefix=API, responses=RESPONSES)  # type: ignore[arg-type]
    for module in (access, work, captions, tasks, statistics, users, files):
        api.include_router(module.router)
    app.include_router(api)
    files.add_page(app, settings.static)
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(Refused, _on_refused)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_error)
    app.add_middleware(Shield, services=services)
    return app


def _ensure_local(services: Services) -> None:
    with services.database.write() as session:
        known = session.scalars(select(Account).where(Account.name == access.LOCAL, Account.active))
        if known.one_or_none() is None:
            accounts.add_account(
                session, Caller(None), name=access.LOCAL, role="admin", now=services.clock()
            )


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    await run_in_threadpool(services_of(request).note_refusal, error, request)
    return error.response()


async def _on_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return await _on_problem(request, Problem.of(error))


async def _on_invalid(request: Request, error: Exception) -> Response:
    """Where a request is wrong, without sending its content back."""
    assert isinstance(error, RequestValidationError)
    errors = [
        {"where": [str(step) for step in one["loc"]], "message": one["msg"]}
        for one in error.errors()[:20]
    ]
    message = f"the request is not understood: {errors[0]['message'] if errors else 'no content'}"
    return await _on_problem(request, Problem("invalid", message, errors=errors))


async def _on_http(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: unknown addresses, methods, broken JSON."""
    assert isinstance(error, HTTPException)
    if error.status_code == STATUS["bad_path"]:
        return await _on_problem(request, Problem("not_found", "there is nothing at this address"))
    problem = Problem("invalid", str(error.detail))
    problem.status_code = error.status_code
    return problem.response()


async def _on_error(request: Request, error: Exception) -> Response:
    """Ours to mend: the log has the trace, the answer has no more than that."""
    LOG.error("failed: %s %r", request.method, request.url.path, exc_info=error)
    response = Problem("internal", "the server failed; its log says where").response()
    response.headers.update(HEADERS)  # this answer is sent outside of the shield
    return response
