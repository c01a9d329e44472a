"""What the server finds out about a submission: does it fit, how far does it agree with others."""

from __future__ import annotations

from functools import cache

import numpy as np

from annotate.database import drafts, leases
from annotate.database.audit import Caller
from annotate.database.base import Json
from annotate.database.errors import Refused
from annotate.database.submitting import Comparison, Judges, Submission
from annotate.database.tables import Draft, Task
from annotate.reject_reasons import REASONS
from annotate.review.agreement import agreement
from annotate.review.state import State
from annotate.server import editing, messages
from annotate.server.problems import Problem
from annotate.server.services import Services

SUGGESTION = "suggestion"
"""The `tool` of operations that were made by taking a suggestion."""


def check_reason(body: messages.SubmitRequest) -> None:
    """A rejection has a reason of the list, and the note that the reason asks for."""
    known = {reason.code: reason for reason in REASONS}
    if body.verdict != "reject":
        return
    if body.reason not in known:
        raise Problem("invalid", f"a rejection needs a reason: one of {', '.join(known)}")
    if known[body.reason].wants_note and not body.note.strip():
        raise Problem("invalid", f"the reason {body.reason!r} needs a note")


def own_draft(
    services: Services, caller: Caller, *, task_id: int, epoch: int | None = None
) -> tuple[Task, Draft]:
    """The caller's draft of a task that the caller holds."""
    with services.database.read() as session:
        draft = drafts.find(session, caller, task_id=task_id)
        if epoch is not None:
            leases.fenced(session, caller, task_id=task_id, epoch=epoch, lock=False)
        return session.get_one(Task, task_id), draft


def judges(services: Services, caller: Caller, *, task_id: int, submission: Submission) -> Judges:
    """What measures the caller's opinion against others, when the database asks for it."""
    task, draft = own_draft(services, caller, task_id=task_id)
    _check_untouched(services, caller, task, draft, submission)

    @cache
    def own() -> State:
        return editing.state_at(services, task, draft_id=draft.id, version=submission.version)

    def compare(draft_id: int, version: int) -> Comparison:
        with services.database.read() as session:
            operations = drafts.operations(session, draft_id, until=version)
        other = services.workbench.replay(task, operations)
        return measured(services, task, other, own())

    def score(truth: Json) -> float:
        known = services.workbench.replay(task, truth["operations"])
        return measured(services, task, known, own()).iou

    return Judges(compare=compare, score=score, suggested=_suggested(services, draft, submission))


def measured(services: Services, task: Task, first: State, second: State) -> Comparison:
    """How far two states agree, by area where the server has the objects, else by faces."""
    surfaces = services.workbench.surfaces
    weights = np.ones(task.faces)
    if surfaces.available:
        weights = surfaces.facts(task, services.workbench.base(task)).surface.areas
    found = agreement(first.parts()[0], second.parts()[0], areas=weights)
    measures = found.to_json()
    return Comparison(kappa=measures.pop("kappa"), iou=measures.pop("matched_iou"), detail=measures)


def _check_untouched(
    services: Services, caller: Caller, task: Task, draft: Draft, submission: Submission
) -> None:
    """A draft without operations has no stored fingerprint: it is that of the start."""
    if draft.version or submission.version:
        return
    start = services.workbench.hash(editing.state_of(services, task, draft))
    if submission.state_hash != start:
        raise Refused(
            "state_mismatch",
            "your labels are not those that the task starts with; reload the page",
            version=0,
            state_hash=start,
        )


def _suggested(services: Services, draft: Draft, submission: Submission) -> int:
    """How many operations were made by taking a suggestion."""
    with services.database.read() as session:
        made = drafts.operations(session, draft.id, until=submission.version)
    return sum(operation.get("tool") == SUGGESTION for operation in made)
