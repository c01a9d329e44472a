"""Reviewers at work in a database, with the real rules and without a server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from annotate.blobs.store import BlobStore
from annotate.database import accounts, claiming, drafts, reopening, submitting
from annotate.database.audit import Caller
from annotate.database.claiming import Claim
from annotate.database.connection import Database
from annotate.database.rules import QueueRules
from annotate.database.submitting import Comparison, Judges, Submission
from annotate.database.tables import Task
from annotate.exchange.tasks import COMMAND_LINE, Imported, ImportRequest, import_tasks
from annotate.review.base import Base
from annotate.review.digest import state_hash
from annotate.review.fold import fold
from annotate.review.operations import Operation
from annotate.review.wire import operation_from_json, operation_to_json
from partworks import dataset, layout
from partworks.artifacts.segments import Segments
from partworks.dataset import Dataset, StageRecord
from partworks.store import Store
from tests.annotate.reviewing import put_table

RULES = QueueRules(gold_share=0.0)
JUDGES = Judges(
    compare=lambda _draft, _version: Comparison(kappa=1.0, iou=1.0), score=lambda _truth: 1.0
)


@dataclass
class Desk:
    """A root of tables, its database, and who reviews there."""

    store: Store
    database: Database
    blobs: BlobStore
    now: float = 1_000_000.0
    people: dict[str, Caller] = field(default_factory=dict)

    def put(self, *uids: str) -> None:
        """Tables in the root, current."""
        for uid in uids:
            put_table(self.store, uid)
        record = StageRecord(version=1, settings={}, fingerprint="f")
        dataset.save(self.store, Dataset(stages={"ingest": record, "segment": record}))

    def load(self, **request: Any) -> Imported:
        """Import tasks."""
        return import_tasks(
            self.store,
            self.database,
            self.blobs,
            request=ImportRequest(**request),
            clock=lambda: self.now,
        )

    def person(self, name: str) -> Caller:
        """An account."""
        if name not in self.people:
            with self.database.write() as session:
                row = accounts.add_account(
                    session, COMMAND_LINE, name=name, role="admin", now=self.now
                )
                self.people[name] = Caller(row.id, name=name, role="admin")
        return self.people[name]

    def claim(self, name: str) -> tuple[Claim, Task]:
        """What the queue hands out, which must be something."""
        caller = self.person(name)
        with self.database.write() as session:
            found = claiming.claim(session, caller, rules=RULES, now=self.now)
            assert found is not None
            return found, session.get_one(Task, found.task_id)

    def submit(
        self,
        name: str,
        operations: Sequence[Operation] = (),
        verdict: str = "accept",
        **fields: Any,
    ) -> str:
        """Claim, work, decide; returns the uid."""
        claim, task = self.claim(name)
        self.now += 1
        posted = [operation_to_json(operation) for operation in operations]
        segments = Segments.from_bytes(self.store.read(layout.segments(task.uid)))
        caller = self.person(name)
        with self.database.write() as session:
            draft = drafts.find(session, caller, task_id=task.id)
            stored = drafts.operations(session, draft.id)
            fresh = drafts.compare(session, draft, base_version=len(stored), posted=posted)
            log = [operation_from_json(body) for body in (*stored, *posted)]
            digest = state_hash(fold(Base.of(segments), log))
            version = drafts.append(session, fresh, state_hash=digest, now=self.now)
            submitting.submit(
                session,
                caller,
                task_id=task.id,
                submission=Submission(
                    epoch=claim.epoch,
                    version=version,
                    state_hash=digest,
                    verdict=verdict,
                    active_ms=1500,
                    **fields,
                ),
                judges=JUDGES,
                rules=RULES,
                now=self.now,
            )
        return task.uid

    def reopen(self, uid: str) -> None:
        """A lead opens a decided task again."""
        caller, task_id = self.person("lead"), self.task(uid).id
        with self.database.write() as session:
            reopening.return_task(
                session, caller, task_id=task_id, to_same=True, note="", now=self.now
            )

    def task(self, uid: str) -> Task:
        """The latest task of an object."""
        with self.database.read() as session:
            query = select(Task).where(Task.uid == uid).order_by(Task.id.desc()).limit(1)
            return session.scalars(query).one()
