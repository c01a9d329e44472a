"""Many reviewers, and a server that is killed while they work: nothing is lost, nothing twice."""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path

import pytest
from sqlalchemy import func, select

from annotate.database import accounts
from annotate.database.connection import Database
from annotate.database.tables import Draft, Event, OperationRow, Review, Slot, Task
from tests.annotate.server.live import LiveServer, Reviewer, work_all
from tests.annotate.server.scene import SYSTEM, Scene


def sessions(scene: Scene, count: int, *, port: int) -> list[Reviewer]:
    """Accounts with a session each."""
    found = []
    for index in range(count):
        name = f"reviewer-{index:02d}"
        scene.account(name)
        with scene.services.database.write() as session:
            issued = accounts.issue(
                session,
                SYSTEM,
                account=accounts.by_name(session, name),
                kind="session",
                seconds=1e9,
                now=time.time(),
            )
        found.append(Reviewer(port, name, issued.secret, seed=index, skips=0.02))
    return found


def storm(url: str, folder: Path, *, tasks: int, reviewers: int, kills: int, double: int) -> None:
    """Let reviewers empty a queue while the server is killed at even stages of the work."""
    scene = Scene(url, folder)
    scene.add(*(f"t{k:04d}" for k in range(tasks - double)))
    scene.add(*(f"d{k:04d}" for k in range(double)), want=2)
    server = LiveServer(url, folder)
    people = sessions(scene, reviewers, port=server.port)
    scene.close()
    server.start()
    threads = work_all(people)
    goal = (tasks + double) / (kills + 1)
    while any(thread.is_alive() for thread in threads):
        done = sum(len(one.decided) for one in people)
        if server.killed < kills and done >= goal * (server.killed + 1):
            server.kill()
            server.start()
        time.sleep(0.02)
    for thread in threads:
        thread.join()
    server.stop()
    assert not [one.problem for one in people if one.problem]
    assert server.killed == kills and sum(one.lost for one in people) > 0
    check_everything(Database(url), people, tasks=tasks, double=double)


def check_everything(
    database: Database, people: list[Reviewer], *, tasks: int, double: int
) -> None:
    """What the reviewers were told against what the database holds."""
    with database.read() as session:
        reviews = session.execute(
            select(Review, Draft)
            .join(Slot, Slot.review_id == Review.id)
            .join(Draft, Draft.id == Review.draft_id)
            .where(Slot.kind == "review")
        ).all()
        stored = {(review.task_id, review.account_id): review for review, _ in reviews}
        ids = defaultdict(list)
        for draft, number, operation_id in session.execute(
            select(OperationRow.draft_id, OperationRow.number, OperationRow.operation_id).order_by(
                OperationRow.draft_id, OperationRow.number
            )
        ):
            assert number == len(ids[draft])
            ids[draft].append(operation_id)
        # No decision lost, none twice: what was acknowledged is there, and nothing else is.
        told = {
            (task, index + 1): outcome
            for index, one in enumerate(people)
            for task, outcome in one.decided.items()
        }
        assert len(reviews) == len(stored) == tasks + double
        assert set(told) == set(stored)
        for key, (operations, verdict) in told.items():
            review = stored[key]
            assert review.verdict == verdict and review.version == len(operations)
            assert tuple(ids[review.draft_id]) == operations
        assert session.scalar(select(func.count()).select_from(Slot)) == tasks + double + len(
            session.scalars(select(Slot.id).where(Slot.kind == "expert")).all()
        )
        states = session.scalars(select(Task.state)).all()
        assert set(states) <= {"decided", "adjudication"} and len(states) == tasks
        events = session.scalars(select(Event).order_by(Event.id)).all()
    database.close()
    nobody_holds_what_another_does(events)


def nobody_holds_what_another_does(events: list[Event]) -> None:
    """Replay the audit trail: a slot is claimed only when free, and left only by its holder."""
    holder: dict[int, int | None] = {}
    held: dict[int, int] = {}
    for event in events:
        if event.action not in ("task.claim", "task.submit", "task.skip"):
            continue
        slot, who = event.detail["slot"], event.account_id
        if event.action == "task.claim":
            assert holder.get(slot) is None, f"slot {slot} was claimed while held"
            assert who not in held, f"account {who} was given a second task"
            holder[slot], held[who] = who, slot
        else:
            assert holder[slot] == who, f"slot {slot} was left by another than its holder"
            holder[slot] = None
            del held[who]
    assert not held


def test_killed_twice_in_a_small_queue(database_url: str, tmp_path: Path) -> None:
    storm(database_url, tmp_path, tasks=60, reviewers=6, kills=2, double=12)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_twenty_reviewers_two_thousand_tasks_five_kills(database_url: str, tmp_path: Path) -> None:
    storm(database_url, tmp_path, tasks=2000, reviewers=20, kills=5, double=200)
