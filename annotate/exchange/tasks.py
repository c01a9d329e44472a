"""Tasks for the review database, from the objects of a root."""

from __future__ import annotations

import gzip
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from annotate.blobs.labels import pack_labels
from annotate.blobs.review_mesh import pack
from annotate.blobs.store import BlobStore
from annotate.database.audit import Caller
from annotate.database.connection import Database
from annotate.database.tables import Agreement, Task
from annotate.database.tasks import NewTask, add_tasks
from annotate.exchange.decided import current_revisions
from annotate.exchange.priority import Priorities, Weights
from annotate.review.base import Base
from partworks import dataset, layout, plan
from partworks.artifacts.npz import check_geometry
from partworks.artifacts.segments import Segments
from partworks.errors import Failed
from partworks.geometry.glb import read_glb
from partworks.ledger import Ledger
from partworks.outside import Outside
from partworks.store import Store

COMMAND_LINE = Caller(None, name="command line", role="admin", origin="command line")
BATCH = 20
_LEAST_AGREEMENT = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What is to be reviewed, and how.

    Attributes:
        queue: the pile that the tasks go to.
        uids: only these; all of the root if none.
        limit: at most so many new tasks.
        weights: what makes a priority.
        double_share: share of the objects that two people review.
    """

    queue: str = "default"
    uids: tuple[str, ...] = ()
    limit: int | None = None
    weights: Weights = field(default_factory=Weights)
    double_share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did: uids of new tasks, of known ones, of open ones that a new over-
    segmentation has put aside; and uid -> why for objects that cannot be reviewed."""

    added: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    superseded: tuple[str, ...] = ()
    unfit: dict[str, str] = field(default_factory=dict)


def import_tasks(
    store: Store,
    database: Database,
    blobs: BlobStore,
    *,
    request: ImportRequest | None = None,
    clock: Callable[[], float] = time.time,
) -> Imported:
    """Make a task of every object whose segments are there and current.

    Importing again adds what is new and touches nothing else. A task whose over-segmentation has
    changed since is put aside if it is still open, and a new one takes its place; what was decided
    on the old one stays in the database and no longer counts for the root. Objects go into the
    database in batches: what an interrupted import leaves out, the next one adds.
    """
    request = request or ImportRequest()
    revisions = _reviewable(store, request)
    with database.read() as session:
        known = _known(session, request.queue)
        priorities = Priorities(request.weights, known=_categories(session, request.queue))
        disputed = _disputed(session)
    fresh = [uid for uid in revisions if (uid, revisions[uid]) not in known][: request.limit]
    present = [uid for uid in revisions if (uid, revisions[uid]) in known]
    added, superseded = list[str](), list[str]()
    unfit: dict[str, str] = {}
    for batch in _batches(fresh):
        tasks = []
        for uid in batch:
            try:
                new, segments = _task(store, blobs, uid, revisions[uid], queue=request.queue)
            except (Failed, ValueError) as error:
                unfit[uid] = str(error)
                continue
            priority = priorities.of(segments, category=new.category, disagreed=uid in disputed)
            tasks.append(replace(new, priority=priority))
        with database.write() as session:
            done = add_tasks(
                session, COMMAND_LINE, tasks, double_share=request.double_share, now=clock()
            )
        added += done.added
        superseded += done.superseded
    return Imported(
        added=tuple(added), present=tuple(present), superseded=tuple(superseded), unfit=unfit
    )


def _reviewable(store: Store, request: ImportRequest) -> dict[str, str]:
    """uid -> revision of its segments, of objects that are ok and current, in uid order."""
    known = dataset.require(store)
    ledger, needs = Ledger(store), ("ingest", "segment")
    if not all(stage in known.marks for stage in needs):
        return {}
    outside = Outside.read(store, known.settings)
    ready: list[str] = plan.eligible(ledger, needs, known.marks, outside=outside).to_pylist()
    wanted = set(request.uids)
    return current_revisions(store, [uid for uid in ready if not wanted or uid in wanted])


def _known(session: Session, queue: str) -> set[tuple[str, str]]:
    query = select(Task.uid, Task.revision).where(Task.queue == queue, ~Task.gold)
    return {(uid, revision) for uid, revision in session.execute(query)}


def _categories(session: Session, queue: str) -> Counter[str]:
    query = (
        select(Task.category, func.count())
        .where(Task.queue == queue, ~Task.gold, Task.state != "superseded")
        .group_by(Task.category)
    )
    found: Counter[str] = Counter()
    for category, count in session.execute(query):
        found[category] = count
    return found


def _disputed(session: Session) -> set[str]:
    """Objects on which two opinions have ever differed."""
    query = (
        select(Task.uid)
        .join(Agreement, Agreement.task_id == Task.id)
        .where(or_(~Agreement.same_verdict, Agreement.iou < _LEAST_AGREEMENT))
    )
    return set(session.scalars(query))


def _batches(uids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(uids), BATCH):
        yield uids[start : start + BATCH]


def _task(
    store: Store, blobs: BlobStore, uid: str, revision: str, *, queue: str
) -> tuple[NewTask, Segments]:
    """One object's blobs in the store, and its task.

    Raises:
        Failed: the segments belong to another version of the object.
        ValueError: the segments are no over-segmentation with a merge tree.
    """
    mesh = read_glb(store.read(layout.object_glb(uid)))
    segments = Segments.from_bytes(store.read(layout.segments(uid)))
    check_geometry(segments.geometry_hash, mesh.geometry_hash, what="segments", uid=uid)
    base = Base.of(segments)
    labels, ext = pack_labels(segments.face_labels)
    # Compressed once here: at the server's gate it would be done for every reviewer.
    glb = gzip.compress(pack(mesh).glb, 6, mtime=0)
    new = NewTask(
        queue=queue,
        uid=uid,
        name=str(mesh.extras.get("name") or uid),
        category=str(mesh.extras.get("category") or ""),
        revision=revision,
        geometry_hash=mesh.geometry_hash,
        faces=mesh.face_count,
        mesh=blobs.put(glb, ext="glb.gz").name,
        atoms=blobs.put(labels, ext=ext).name,
        details={"tree": base.tree_to_json(), "method": segments.method},
    )
    return new, segments
