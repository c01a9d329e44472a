"""Operations on their way from a request into a draft: what is new is checked, then stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotate.database import drafts, leases
from annotate.database.audit import Caller, record
from annotate.database.base import Json
from annotate.database.drafts import Posted
from annotate.database.errors import Refused
from annotate.database.tables import Draft, Task
from annotate.review.state import State
from annotate.server.services import Services

LOST = "lease_lost"


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a draft stands after a request, and how many operations had been there before."""

    version: int
    state_hash: str
    replayed: int


def store(
    services: Services,
    caller: Caller,
    *,
    task_id: int,
    epoch: int,
    base_version: int,
    posted: Sequence[Json],
) -> Stored:
    """Append operations to the caller's draft.

    Checking them may take a while, so it is done between two transactions; the second one takes
    effect only if the draft is still where the first one saw it.

    Raises:
        Problem: `operation` for one that does not fit; `conflict`, `id_reused`.
        Refused: the fence's; of a lease that was lost the operations are kept in the draft, which
            is the caller's own, and the answer says so.
    """
    with services.database.read() as session:
        draft = drafts.find(session, caller, task_id=task_id)
        task = session.get_one(Task, task_id)
        new = drafts.compare(session, draft, base_version=base_version, posted=posted)
    state = services.workbench.advance(task, state_of(services, task, draft), new.fresh)
    hashed = services.workbench.hash(state)
    lost = _append(services, caller, task_id=task_id, epoch=epoch, new=new, hashed=hashed)
    services.workbench.keep(draft.id, state)
    if lost is not None:
        raise Refused(lost.code, lost.message, kept=len(new.fresh), version=state.version)
    return Stored(state.version, hashed, new.replayed)


def state_of(services: Services, task: Task, draft: Draft) -> State:
    """Where a draft stands."""
    return state_at(services, task, draft_id=draft.id, version=draft.version)


def state_at(services: Services, task: Task, *, draft_id: int, version: int) -> State:
    """Where a draft stood at a version."""

    def load() -> list[Json]:
        with services.database.read() as session:
            return drafts.operations(session, draft_id, until=version)

    return services.workbench.state(task, draft_id=draft_id, version=version, operations=load)


def _append(
    services: Services, caller: Caller, *, task_id: int, epoch: int, new: Posted, hashed: str
) -> Refused | None:
    """Store, under the fence; what a lost lease leaves is stored as well, and told of."""
    now = services.clock()
    with services.database.write() as session:
        lost = None
        try:
            slot = leases.fenced(session, caller, task_id=task_id, epoch=epoch)
        except Refused as refused:
            # A claim after the lost one goes on with the same draft: nothing is put under it.
            if refused.code != LOST or leases.holds(session, caller, task_id=task_id):
                raise
            lost = refused
        else:
            lease = services.settings.rules.lease_seconds
            drafts.prolong(slot, lease_seconds=lease, now=now)
        drafts.append(session, new, state_hash=hashed, now=now)
        if new.replayed or lost is not None:
            detail = {"replayed": new.replayed, "kept": len(new.fresh) if lost else 0}
            action = "task.operations_kept" if lost else "task.operations_replayed"
            record(session, caller, action=action, now=now, task_id=task_id, detail=detail)
    return lost
