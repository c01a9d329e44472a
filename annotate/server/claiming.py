"""A claim as it is sent: the task with everything that the page needs to show it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.database import claiming, drafts
from annotate.database.audit import Caller
from annotate.database.claiming import Claim
from annotate.database.tables import Review, Slot, Task
from annotate.reject_reasons import REASONS
from annotate.server import messages
from annotate.server.services import Services

TRIES = 6
BLOBS = "api/v1/blobs"


def claim(services: Services, caller: Caller, *, queue: str | None) -> messages.ClaimAnswer:
    """Hand out a task.

    While others claim, the best rows may all be locked for a moment; that is no empty queue, so it
    is tried again before saying so.
    """
    for attempt in range(TRIES):
        now = services.clock()
        with services.database.write() as session:
            found = claiming.claim(
                session, caller, rules=services.settings.rules, now=now, queue=queue
            )
        with services.database.read() as session:
            if found is not None:
                return messages.ClaimAnswer(
                    task=_described(services, session, caller, found, queue=queue)
                )
            if not claiming.anything_open(session, caller, now=now, queue=queue):
                break
        time.sleep(0.01 * 2**attempt)
    with services.database.read() as session:
        why = claiming.why_nothing(session, now=services.clock(), queue=queue)
    return messages.ClaimAnswer(task=None, why=why)


def moment(seconds: float) -> str:
    """A time as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _described(
    services: Services, session: Session, caller: Caller, claim: Claim, *, queue: str | None
) -> messages.ClaimedTask:
    task = session.get_one(Task, claim.task_id)
    draft = drafts.find(session, caller, task_id=task.id)
    operations = drafts.operations(session, draft.id, until=draft.version)
    state = services.workbench.state(
        task, draft_id=draft.id, version=draft.version, operations=lambda: operations
    )
    advice = services.workbench.advice(task, state, wait=False)
    following = claiming.following(session, caller, now=services.clock(), queue=queue)
    for wanted in (task, following):
        if wanted is not None:
            services.workbench.prepare(wanted)
    return messages.ClaimedTask(
        id=task.id,
        uid=task.uid,
        name=task.name,
        why=claim.why,
        epoch=claim.epoch,
        lease_until=moment(claim.lease_until),
        version=draft.version,
        mesh=messages.Mesh(
            url=f"{BLOBS}/{task.mesh}", faces=task.faces, geometry_hash=task.geometry_hash
        ),
        atoms=messages.Blob(url=f"{BLOBS}/{task.atoms}"),
        tree=messages.Tree(**task.details["tree"]),
        materials=task.details.get("materials"),
        operations=operations,
        suggestions=advice.suggestions,
        warnings=advice.warnings,
        next=_next(following),
        reasons=[messages.Reason(key=r.key, code=r.code, text=r.text) for r in REASONS],
        blind=claim.kind != "expert",
        opinions=_opinions(session, claim) if claim.kind == "expert" else [],
    )


def _next(task: Task | None) -> messages.Next | None:
    if task is None:
        return None
    return messages.Next(mesh=f"{BLOBS}/{task.mesh}", atoms=f"{BLOBS}/{task.atoms}")


def _opinions(session: Session, claim: Claim) -> list[messages.Opinion]:
    """What the blind reviewers of this round said, as A, B, …"""
    rows = session.scalars(
        select(Review)
        .join(Slot, Slot.review_id == Review.id)
        .where(Slot.task_id == claim.task_id, Slot.round == claim.round, Slot.kind == "review")
        .order_by(Review.id)
    )
    return [
        messages.Opinion(
            id=row.id,
            label=chr(ord("A") + index),
            verdict=row.verdict,
            reason=row.reason,
            note=row.note,
            operations=drafts.operations(session, row.draft_id, until=row.version),
        )
        for index, row in enumerate(rows)
    ]
