"""The reviewer's verbs: claim, hold, edit, submit, pass on, take back."""

from __future__ import annotations

from fastapi import APIRouter

from annotate.database import leases, reopening, submitting
from annotate.database.submitting import Submission
from annotate.database.tables import Task
from annotate.server import claiming, editing, judging, messages
from annotate.server.computing import computed
from annotate.server.identity import Service, Working
from annotate.server.policy import Verb, allowed
from annotate.server.problems import Problem

router = APIRouter(tags=["work"])


@router.post("/claim")
def claim(body: messages.ClaimRequest, caller: Working, services: Service) -> messages.ClaimAnswer:
    """The task that the caller holds, or else the best one that is free."""
    return claiming.claim(services, caller, queue=body.queue)


@router.post("/tasks/{task_id}/heartbeat")
def heartbeat(
    task_id: messages.Id, body: messages.Held, caller: Working, services: Service
) -> messages.Lease:
    """Prolong the lease."""
    with services.database.write() as session:
        until = leases.heartbeat(
            session,
            caller,
            task_id=task_id,
            epoch=body.epoch,
            rules=services.settings.rules,
            now=services.clock(),
        )
    return messages.Lease(lease_until=claiming.moment(until))


@router.post("/tasks/{task_id}/release")
def release(
    task_id: messages.Id, body: messages.ReleaseRequest, caller: Working, services: Service
) -> messages.Done:
    """Pass a task on for good, or put it off; the draft is kept."""
    with services.database.write() as session:
        leases.release(
            session,
            caller,
            task_id=task_id,
            epoch=body.epoch,
            kind=body.kind,
            reason=body.reason,
            rules=services.settings.rules,
            now=services.clock(),
        )
    return messages.Done()


@router.post("/tasks/{task_id}/operations")
def operations(
    task_id: messages.Id, body: messages.OperationsRequest, caller: Working, services: Service
) -> messages.Saved:
    """Store operations in order; sending the same ones again changes nothing."""
    stored = editing.store(
        services,
        caller,
        task_id=task_id,
        epoch=body.epoch,
        base_version=body.base_version,
        posted=body.operations,
    )
    return messages.Saved(
        version=stored.version, state_hash=stored.state_hash, replayed=stored.replayed
    )


@router.post("/tasks/{task_id}/submit")
def submit(
    task_id: messages.Id, body: messages.SubmitRequest, caller: Working, services: Service
) -> messages.Submitted:
    """Give a verdict; sending the same one again changes nothing."""
    judging.check_reason(body)
    submission = Submission(**body.model_dump())
    judges = judging.judges(services, caller, task_id=task_id, submission=submission)
    with services.database.write() as session:
        review, replayed = submitting.submit(
            session,
            caller,
            task_id=task_id,
            submission=submission,
            judges=judges,
            rules=services.settings.rules,
            now=services.clock(),
        )
        state = session.get_one(Task, task_id).state
    return messages.Submitted(review=review.id, state=state, replayed=replayed)


@router.post("/tasks/{task_id}/reopen")
def reopen(
    task_id: messages.Id, body: messages.ReopenRequest, caller: Working, services: Service
) -> messages.Reopened:
    """Take back one's own submission, or, as a lead, return the task to somebody."""
    now = services.clock()
    with services.database.write() as session:
        if body.to == "own":
            reopening.take_back(
                session, caller, task_id=task_id, rules=services.settings.rules, now=now
            )
        else:
            if not allowed(caller.role, Verb.LEAD_TASKS):
                raise Problem("forbidden", "only a lead returns tasks to others")
            reopening.return_task(
                session, caller, task_id=task_id, to_same=body.to == "same", note=body.note, now=now
            )
        task = session.get_one(Task, task_id)
        return messages.Reopened(state=task.state, round=task.round)


@router.get("/tasks/{task_id}/warnings")
def warnings(task_id: messages.Id, caller: Working, services: Service) -> messages.Warnings:
    """What to look at before accepting the caller's present draft, and what may be merged."""
    task, draft = judging.own_draft(services, caller, task_id=task_id)
    state = editing.state_of(services, task, draft)
    advice = services.workbench.advice(task, state)
    return messages.Warnings(warnings=advice.warnings, suggestions=advice.suggestions)


@router.post("/tasks/{task_id}/preview")
def preview(
    task_id: messages.Id, body: messages.PreviewRequest, caller: Working, services: Service
) -> messages.Preview:
    """Compute an edit and show it; only operations change the draft."""
    task, draft = judging.own_draft(services, caller, task_id=task_id, epoch=body.epoch)
    if body.version > draft.version:
        raise Problem("conflict", "save first", version=draft.version, operations=[])
    state = editing.state_at(services, task, draft_id=draft.id, version=body.version)
    return computed(services, task, state, body)
