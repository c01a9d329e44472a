"""Errors as problem+json (RFC 9457), with a `code` that clients can act on."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from annotate.database.errors import Refused

STATUS: Mapping[str, int] = MappingProxyType(
    {
        "not_signed_in": 401,
        "wrong_credentials": 401,
        "forbidden": 403,
        "cross_site": 403,
        "not_yours": 403,
        "not_found": 404,
        "no_root": 404,
        "bad_path": 404,
        "lease_lost": 409,
        "already_submitted": 409,
        "conflict": 409,
        "id_reused": 409,
        "state_mismatch": 409,
        "closed": 409,
        "damaged": 409,
        "name_taken": 409,
        "too_large": 413,
        "unknown_host": 421,
        "invalid": 422,
        "operation": 422,
        "too_many": 429,
        "internal": 500,
        "no_geometry": 503,
    }
)
"""Every code there is, and the status it comes with."""

QUIET = frozenset(
    {
        "not_found",
        "no_root",
        "conflict",
        "invalid",
        "operation",
        "internal",
        "no_geometry",
        "closed",
        "damaged",
    }
)
"""Codes of ordinary mishaps, which do not enter the audit trail; all others are refusals."""


class Problem(HTTPException):
    """An answer other than the one hoped for.

    Args:
        code: a key of `STATUS`.
        message: what was found, what was expected, and what to do.
        extra: further members of the answer.
    """

    def __init__(self, code: str, message: str, **extra: Any) -> None:
        super().__init__(STATUS[code], message)
        self.code = code
        self.message = message
        self.extra = extra

    @classmethod
    def of(cls, refused: Refused) -> Problem:
        """The same, from the database's side."""
        return cls(refused.code, refused.message, **refused.extra)

    def response(self) -> JSONResponse:
        """The answer as it is sent."""
        headers = {"Retry-After": str(self.extra["retry_after"])} if self.code == "too_many" else {}
        if self.code == "not_signed_in":
            headers["WWW-Authenticate"] = "Bearer"
        body = {
            "type": "about:blank",
            "title": HTTPStatus(self.status_code).phrase,
            "status": self.status_code,
            "detail": self.message,
            "code": self.code,
            **self.extra,
        }
        return JSONResponse(
            body,
            status_code=self.status_code,
            headers=headers,
            media_type="application/problem+json",
        )
