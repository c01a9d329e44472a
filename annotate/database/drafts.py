"""Operations as they are made: appended to a draft, in order, once each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from annotate.database.audit import Caller
from annotate.database.base import Json
from annotate.database.errors import Refused
from annotate.database.tables import Draft, OperationRow, Slot, Task


@dataclass(frozen=True, slots=True)
class Posted:
    """What of a batch is new.

    Attributes:
        draft_id: the draft that it goes to. `version`: what that draft has now.
        fresh: the operations to append, in order.
        replayed: how many of the batch were there already.
    """

    draft_id: int
    version: int
    fresh: tuple[Json, ...]
    replayed: int


def find(session: Session, caller: Caller, *, task_id: int) -> Draft:
    """The caller's latest draft of a task.

    Raises:
        Refused: `not_found` or `not_yours`.
    """
    draft = session.scalars(
        select(Draft)
        .where(Draft.task_id == task_id, Draft.account_id == caller.id)
        .order_by(Draft.round.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if draft is not None:
        return draft
    if session.get(Task, task_id) is None:
        raise Refused("not_found", f"there is no task {task_id}")
    raise Refused("not_yours", f"task {task_id} was not given to you; claim one")


def operations(
    session: Session, draft_id: int, *, since: int = 0, until: int | None = None
) -> list[Json]:
    """The operations since a version, in order."""
    query = select(OperationRow.body).where(
        OperationRow.draft_id == draft_id, OperationRow.number >= since
    )
    if until is not None:
        query = query.where(OperationRow.number < until)
    return list(session.scalars(query.order_by(OperationRow.number)))


def compare(session: Session, draft: Draft, *, base_version: int, posted: Sequence[Json]) -> Posted:
    """What of `posted`, made upon `base_version`, is new to the draft.

    A batch that was stored before, whole or in part, is recognised by the operations' ids, so that
    a client that never got the answer may send it again.

    Raises:
        Refused: `conflict` when the draft went another way, with the true `version` and the
            `operations` since; `id_reused` when an id comes with another content.
    """
    since = operations(session, draft.id, since=base_version, until=draft.version)
    again = min(len(since), len(posted))
    for old, new in zip(since[:again], posted[:again], strict=True):
        if old["id"] != new["id"]:
            raise conflict(draft, since)
        if old != new:
            raise Refused(
                "id_reused", f"operation {new['id']} is stored with another content; make a new id"
            )
    if base_version > draft.version or len(since) > len(posted):
        raise conflict(draft, since)
    fresh = tuple(posted[again:])
    _no_known_ids(session, draft, fresh)
    return Posted(draft_id=draft.id, version=draft.version, fresh=fresh, replayed=again)


def _no_known_ids(session: Session, draft: Draft, fresh: tuple[Json, ...]) -> None:
    ids = [str(operation["id"]) for operation in fresh]
    known = select(OperationRow.operation_id).where(
        OperationRow.draft_id == draft.id, OperationRow.operation_id.in_(ids)
    )
    twice = session.scalars(known.limit(1)).first()
    if twice is None and len(set(ids)) < len(ids):
        twice = next(one for one in ids if ids.count(one) > 1)
    if twice is not None:
        raise Refused("id_reused", f"operation {twice} is stored already; make a new id")


def conflict(draft: Draft, since: list[Json]) -> Refused:
    """The draft is not at the version that the client thinks."""
    return Refused(
        "conflict",
        f"the draft is at version {draft.version}; take the operations that you lack and go on",
        version=draft.version,
        operations=since,
    )


def append(session: Session, posted: Posted, *, state_hash: str, now: float) -> int:
    """Store what is new; returns the new version.

    Raises:
        Refused: `conflict` if another request was faster.
    """
    version = posted.version + len(posted.fresh)
    changed = session.execute(
        update(Draft)
        .where(Draft.id == posted.draft_id, Draft.version == posted.version)
        .values(version=version, state_hash=state_hash, worked_at=now)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        draft = session.get_one(Draft, posted.draft_id, populate_existing=True)
        since = operations(session, draft.id, since=posted.version, until=draft.version)
        raise conflict(draft, since)
    if posted.fresh:
        session.execute(
            insert(OperationRow),
            [
                {
                    "draft_id": posted.draft_id,
                    "number": posted.version + index,
                    "operation_id": str(operation["id"]),
                    "body": operation,
                    "at": now,
                }
                for index, operation in enumerate(posted.fresh)
            ],
        )
    return version


def prolong(slot: Slot, *, lease_seconds: float, now: float) -> None:
    """Work is a sign of life."""
    slot.lease_until = max(slot.lease_until, now + lease_seconds)
