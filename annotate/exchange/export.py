"""What the review database has decided, as files of a root."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from sqlalchemy import select

from annotate.database.connection import Database
from annotate.database.decisions import Decision, decisions
from annotate.database.tables import Task
from annotate.exchange.decided import (
    FOLDER,
    INDEX,
    OPERATIONS,
    Decided,
    current_revisions,
    digest_of,
    read_index,
    to_parquet,
    write_index,
)
from partworks import layout
from partworks.errors import UsageError
from partworks.store import Store

OPERATION_SCHEMA = pa.schema(
    [
        ("uid", pa.string()),
        ("number", pa.int32()),
        ("id", pa.string()),
        ("at", pa.int64()),
        ("kind", pa.string()),
        ("tool", pa.string()),
        ("reviewer", pa.string()),
        ("body", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an export changed in the root, as uids.

    Attributes:
        written: new or changed decisions. `unchanged`: decisions that were there already.
        removed: no longer decided, because they were reopened.
        outdated: decided on an over-segmentation that is no longer there, and left out.
    """

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    outdated: tuple[str, ...]


def export_decisions(
    store: Store,
    database: Database,
    *,
    queue: str | None = None,
    lines: bool = False,
    replace: bool = False,
) -> Exported:
    """Bring `review/` of a root to the state of the database.

    Files of single decisions come first and the table last, so that an interrupted export leaves
    the old table, and a run finds either a decision that it knows or says that it changed.

    Args:
        queue: only decisions of this queue; of several on one object the latest counts.
        lines: also write both tables as JSON lines.
        replace: remove decisions on objects that the database has no task of.

    Raises:
        UsageError: the root has such decisions, and `replace` was not asked for.
    """
    standing, outdated = standing_decisions(store, database, queue=queue)
    known = {row["uid"]: row["digest"] for row in read_index(store)}
    if not replace:
        _refuse_strangers(database, known)
    files = {uid: _decided(decision).to_bytes() for uid, decision in standing.items()}
    there = set(store.list(FOLDER))
    written = [
        uid
        for uid, data in files.items()
        if known.get(uid) != digest_of(data) or layout.decision(uid) not in there
    ]
    for uid in written:
        store.write(layout.decision(uid), files[uid])
    rows = [_row(decision, files[uid]) for uid, decision in standing.items()]
    operations = [row for decision in standing.values() for row in _operations(decision)]
    table = pa.Table.from_pylist(operations, schema=OPERATION_SCHEMA)
    store.write(OPERATIONS, to_parquet(table))
    if lines:
        store.write(_as_lines(INDEX), _json_lines(rows))
        store.write(_as_lines(OPERATIONS), _json_lines(operations))
    write_index(store, rows)
    for path in there - {layout.decision(uid) for uid in files}:
        store.delete(path)
    return Exported(
        written=tuple(written),
        unchanged=tuple(uid for uid in files if uid not in set(written)),
        removed=tuple(sorted(known.keys() - files.keys())),
        outdated=outdated,
    )


def standing_decisions(
    store: Store, database: Database, *, queue: str | None = None
) -> tuple[dict[str, Decision], tuple[str, ...]]:
    """uid -> the decision that counts, in uid order; and the uids of decisions that none does."""
    with database.read() as session:
        found = list(decisions(session, queue=queue))
    revisions = current_revisions(store, {decision.uid for decision in found})
    latest: dict[str, Decision] = {}
    for decision in sorted(found, key=lambda one: (one.decided_at, one.task_id)):
        if revisions.get(decision.uid) == decision.revision:
            latest[decision.uid] = decision
    outdated = sorted({decision.uid for decision in found} - latest.keys())
    return dict(sorted(latest.items())), tuple(outdated)


def _refuse_strangers(database: Database, known: Mapping[str, str]) -> None:
    with database.read() as session:
        tasks = set(session.scalars(select(Task.uid).distinct()))
    strangers = sorted(known.keys() - tasks)
    if strangers:
        raise UsageError(
            f"the root has decisions on {len(strangers)} objects that this database has no task "
            f"of, such as {strangers[0]}: is it the right one? --replace removes them"
        )


def _decided(decision: Decision) -> Decided:
    return Decided(
        uid=decision.uid,
        revision=decision.revision,
        geometry_hash=decision.geometry_hash,
        verdict=decision.verdict,
        reason=decision.reason,
        note=decision.note,
        reviewer=decision.reviewer,
        reviewers=decision.reviewers or (decision.reviewer,),
        operations=decision.operations,
        state_hash=decision.state_hash,
    )


def _row(decision: Decision, data: bytes) -> dict[str, Any]:
    return {
        "uid": decision.uid,
        "digest": digest_of(data),
        "revision": decision.revision,
        "verdict": decision.verdict,
        "reason": decision.reason,
        "note": decision.note,
        "reviewer": decision.reviewer,
        "reviewers": list(decision.reviewers),
        "operations": len(decision.operations),
        "state_hash": decision.state_hash,
        "active_ms": decision.active_ms,
        "decided_at": decision.decided_at,
        "queue": decision.queue,
        "task": decision.task_id,
    }


def _operations(decision: Decision) -> Iterable[dict[str, Any]]:
    for number, body in enumerate(decision.operations):
        yield {
            "uid": decision.uid,
            "number": number,
            "id": body["id"],
            "at": body["at"],
            "kind": body["kind"],
            "tool": body["tool"],
            "reviewer": decision.reviewer,
            "body": json.dumps(body, sort_keys=True, ensure_ascii=False),
        }


def _as_lines(path: str) -> str:
    return path.removesuffix(".parquet") + ".jsonl"


def _json_lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    lines = (json.dumps(row, sort_keys=True, ensure_ascii=False) + "\n" for row in rows)
    return "".join(lines).encode()
