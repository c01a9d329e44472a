"""Captions: the list, an object's texts and pictures, and reviewers' changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from annotate.captions.changes import with_text, without_text
from annotate.captions.index import Show
from annotate.database import audit
from annotate.database.audit import Caller
from annotate.server import caption_messages as messages
from annotate.server.caption_views import described
from annotate.server.captioning import Shown
from annotate.server.claiming import moment
from annotate.server.identity import Captioning, Service
from annotate.server.problems import Problem
from annotate.server.services import Services
from partworks.artifacts.caption_edits import Author, CaptionEdits

router = APIRouter(tags=["captions"])

PAGE = 100

Cursor = Annotated[str, Query(pattern=r"^([01]:[A-Za-z0-9_-]{1,64})?$")]


@router.get("/captions")
def listing(
    caller: Captioning,
    services: Service,
    *,
    show: Show = "all",
    contains: Annotated[str, Query(max_length=200)] = "",
    after: Cursor = "",
    limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
) -> messages.CaptionPage:
    """Objects with captions, flagged ones first, a page at a time."""
    rows, total = services.captions.index.page(
        show=show, contains=contains, after=after, limit=limit
    )
    return messages.CaptionPage(
        objects=[messages.CaptionRow(**asdict(row)) for row in rows],
        total=total,
        after=rows[-1].place if len(rows) == limit else None,
    )


@router.get("/captions/{uid}")
def one(uid: str, caller: Captioning, services: Service) -> messages.CaptionedObject:
    """All texts of an object, with where its pictures are."""
    return described(services.captions.shown(uid))


@router.get(
    "/captions/{uid}/pictures/{name}",
    response_class=Response,
    responses={
        200: {"content": {"image/png": {}, "image/webp": {}}, "description": "The picture."}
    },
)
def picture(
    uid: str, name: str, request: Request, caller: Captioning, services: Service
) -> Response:
    """A view of the object, or of one of its parts alone, as it was rendered."""
    found = services.captions.picture(uid, name)
    headers = {"Cache-Control": "private, no-cache", "ETag": f'"{found.sha256}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(found.data, media_type=found.kind, headers=headers)


@router.post("/captions/{uid}/edit")
def edit(
    uid: str, body: messages.CaptionRequest, caller: Captioning, services: Service
) -> messages.CaptionedObject:
    """Write one text; it stands before generated ones from the next run on, and in every later."""

    def change(shown: Shown, author: Author) -> CaptionEdits | None:
        return with_text(
            shown.standing, body.target, field=body.field, text=body.text, author=author
        )

    return _changed(services, caller, uid, body=body, change=change, action="caption.edit")


@router.post("/captions/{uid}/withdraw")
def withdraw(
    uid: str, body: messages.WithdrawalRequest, caller: Captioning, services: Service
) -> messages.CaptionedObject:
    """Take a reviewer's text back; the next run puts the captioner's own in its place."""

    def change(shown: Shown, author: Author) -> CaptionEdits | None:
        return without_text(shown.standing, body.target, field=body.field, author=author)

    return _changed(services, caller, uid, body=body, change=change, action="caption.withdraw")


def _changed(
    services: Services,
    caller: Caller,
    uid: str,
    *,
    body: messages.WithdrawalRequest,
    change: Callable[[Shown, Author], CaptionEdits | None],
    action: str,
) -> messages.CaptionedObject:
    """Make a change and tell of it in the audit trail: both, or neither if the file is refused."""
    desk = services.captions
    now = services.clock()
    author = Author(by=caller.name, at=moment(now))
    with desk.in_turn(uid):
        shown = desk.to_change(uid, body.version, conflict=_conflict)
        try:
            edits = change(shown, author)
        except ValueError as error:
            raise Problem("invalid", str(error)) from error
        told: dict[str, Any] = {"uid": uid, **body.model_dump(exclude={"version"})}
        told["before"] = getattr(shown.standing.caption(body.target), body.field)
        if shown.standing.stale:
            told["dropped"] = shown.standing.stale
        with services.database.write() as session:
            audit.record(session, caller, action=action, now=now, detail=told)
            session.flush()
            desk.write(uid, edits)
        return described(desk.shown(uid))


def _conflict(shown: Shown) -> Problem:
    return Problem(
        "conflict",
        "the captions have changed since they were shown; look at them again",
        object=described(shown).model_dump(mode="json"),
    )
