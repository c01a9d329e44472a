"""A small review: accounts, tasks, and what reviewers do, without a server."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from typing import Any

from annotate.database import accounts, claiming, drafts, leases, reopening, submitting, tasks
from annotate.database.audit import Caller
from annotate.database.claiming import Claim
from annotate.database.connection import Database
from annotate.database.rules import QueueRules
from annotate.database.submitting import Comparison, Judges, Submission
from annotate.database.tables import Review, Task

SYSTEM = Caller(None, name="system", origin="command line")


def new_task(uid: str, **changes: Any) -> tasks.NewTask:
    """An object of 12 faces whose tree joins two atoms."""
    digest = hashlib.sha256(uid.encode()).hexdigest()
    known: dict[str, Any] = {
        "uid": uid,
        "name": uid,
        "revision": digest,
        "geometry_hash": digest,
        "faces": 12,
        "mesh": f"{digest}.glb",
        "atoms": f"{digest}.u16.gz",
        "details": {"tree": {"children": [[0, 1]], "heights": [0.5], "default_height": 0.1}},
    }
    return tasks.NewTask(**{**known, **changes})


def state_hash(version: int) -> str:
    """What stands in for the hash of labels after `version` operations."""
    return f"state {version}"


def operation() -> dict[str, Any]:
    """A merge with an id of its own."""
    return {"id": str(uuid.uuid4()), "at": 1, "kind": "merge", "tool": "click", "groups": [0, 1]}


@dataclass
class Scene:
    """Reviewers at work in one database, with a clock that only tests move."""

    database: Database
    rules: QueueRules = field(default_factory=lambda: QueueRules(gold_share=0.0))
    now: float = 1_000_000.0
    iou: float = 1.0
    people: dict[str, Caller] = field(default_factory=dict)

    def person(self, name: str, role: str = "reviewer") -> Caller:
        """The caller of that name, made at first use."""
        if name not in self.people:
            with self.database.write() as session:
                row = accounts.add_account(session, SYSTEM, name=name, role=role, now=self.now)
                self.people[name] = Caller(row.id, name=name, role=role)
        return self.people[name]

    def add(self, *new: tasks.NewTask, double_share: float = 0.0) -> tasks.Added:
        """Import tasks."""
        with self.database.write() as session:
            return tasks.add_tasks(session, SYSTEM, new, double_share=double_share, now=self.now)

    def claim(self, caller: Caller, **options: Any) -> Claim | None:
        """What the queue hands out."""
        with self.database.write() as session:
            return claiming.claim(session, caller, rules=self.rules, now=self.now, **options)

    def got(self, caller: Caller) -> Claim:
        """What the queue hands out, which must be something."""
        found = self.claim(caller)
        assert found is not None
        return found

    def work(self, caller: Caller, claim: Claim, *posted: dict[str, Any]) -> int:
        """Post operations upon the present version."""
        with self.database.write() as session:
            leases.fenced(session, caller, task_id=claim.task_id, epoch=claim.epoch)
            draft = drafts.find(session, caller, task_id=claim.task_id)
            fresh = drafts.compare(session, draft, base_version=draft.version, posted=posted)
            version = draft.version + len(posted)
            return drafts.append(session, fresh, state_hash=state_hash(version), now=self.now)

    def submit(
        self, caller: Caller, claim: Claim, verdict: str = "accept", **fields: Any
    ) -> tuple[Review, bool]:
        """Submit the present draft."""
        with self.database.write() as session:
            version = drafts.find(session, caller, task_id=claim.task_id).version
            known: dict[str, Any] = {
                "epoch": claim.epoch,
                "version": version,
                "state_hash": state_hash(version),
                "verdict": verdict,
                "active_ms": 1000,
            }
            return submitting.submit(
                session,
                caller,
                task_id=claim.task_id,
                submission=Submission(**{**known, **fields}),
                judges=Judges(
                    compare=lambda _draft, _version: Comparison(kappa=self.iou, iou=self.iou),
                    score=lambda _truth: self.iou,
                ),
                rules=self.rules,
                now=self.now,
            )

    def release(self, caller: Caller, claim: Claim, kind: str = "skip", reason: str = "") -> None:
        """Skip a task or put it off."""
        with self.database.write() as session:
            leases.release(
                session,
                caller,
                task_id=claim.task_id,
                epoch=claim.epoch,
                kind=kind,
                reason=reason,
                rules=self.rules,
                now=self.now,
            )

    def take_back(self, caller: Caller, task_id: int) -> None:
        """Undo a submission."""
        with self.database.write() as session:
            reopening.take_back(session, caller, task_id=task_id, rules=self.rules, now=self.now)

    def reopen(self, caller: Caller, task_id: int, *, to_same: bool, note: str = "") -> None:
        """A lead reopens a task."""
        with self.database.write() as session:
            reopening.return_task(
                session, caller, task_id=task_id, to_same=to_same, note=note, now=self.now
            )

    def task(self, task_id: int) -> Task:
        """The row of a task."""
        with self.database.read() as session:
            return session.get_one(Task, task_id)

    def task_of(self, uid: str) -> int:
        """The id of an object's first task."""
        with self.database.read() as session:
            return session.scalars(tasks.listing(uid=uid)).first().id  # type: ignore[union-attr]
