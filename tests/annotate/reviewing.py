"""A table in a root with a decision on it, made without a database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from annotate.exchange.decided import Decided, digest_of, write_index
from annotate.review.base import Base
from annotate.review.digest import state_hash
from annotate.review.fold import fold
from annotate.review.operations import Drop, Merge, Operation, Rename
from annotate.review.wire import operation_to_json
from partworks import layout
from partworks.artifacts.segments import Segments
from partworks.geometry.glb import read_glb, write_glb
from partworks.geometry.mesh import Mesh
from partworks.ledger import Ledger
from partworks.records import Attempt
from partworks.store import Store
from tests.annotate.shapes import by_node, table

MERGES = [(0, 1, 0.1), (5, 2, 0.1), (6, 3, 0.1), (7, 4, 0.1)]
"""The tree of a table's five boxes."""


def stamp(number: int) -> dict[str, Any]:
    return {"id": str(uuid.UUID(int=number)), "at": number, "tool": "test"}


PAIRS: Sequence[Operation] = (
    Merge(**stamp(1), groups=(1, 3)),
    Merge(**stamp(2), groups=(2, 4)),
    Rename(**stamp(3), group=1, name="left legs"),
)
"""The legs of the table, two and two, the first pair named."""

DROP_TOP: Operation = Drop(**stamp(9), group=0, dropped=True)


def put_table(store: Store, uid: str = "table") -> tuple[Mesh, Segments, str]:
    """The object and its segments, in the ledger too; and the revision of the segments."""
    mesh = table()
    segments = by_node(mesh, MERGES)
    whole = store.write(layout.object_glb(uid), write_glb(mesh))
    revision = store.write(layout.segments(uid), segments.to_bytes())
    for stage, output in (("ingest", whole), ("segment", revision)):
        with Ledger(store).writer(stage) as writer:
            writer.append(
                Attempt(uid=uid, stage=stage, status="ok", fingerprint="f", outputs=(output,))
            )
    return mesh, segments, revision.sha256


def decided_on(
    store: Store, uid: str = "table", made: Sequence[Operation] = PAIRS, **changed: Any
) -> Decided:
    """What somebody decided about the segments that are there."""
    data = store.read(layout.segments(uid))
    segments = Segments.from_bytes(data)
    facts: dict[str, Any] = {
        "uid": uid,
        "revision": digest_of(data),
        "geometry_hash": read_glb(store.read(layout.object_glb(uid))).geometry_hash,
        "verdict": "accept",
        "reason": "",
        "note": "",
        "reviewer": "ada",
        "reviewers": ("ada", "bob"),
        "operations": tuple(operation_to_json(operation) for operation in made),
        "state_hash": state_hash(fold(Base.of(segments), made)),
    }
    return Decided(**{**facts, **changed})


def put_decisions(store: Store, *decisions: Decided) -> None:
    """The files that an export leaves."""
    rows = []
    for decided in decisions:
        data = decided.to_bytes()
        store.write(layout.decision(decided.uid), data)
        row = {name: getattr(decided, name) for name in ("uid", "revision", "verdict", "reason")}
        rows.append({**row, "digest": digest_of(data)})
    write_index(store, rows)
