"""Importing tasks, and lists of them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from annotate.database import tasks
from annotate.database.connection import Database
from annotate.database.tables import Slot
from tests.annotate.database.scene import Scene, new_task


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database)


def slots(scene: Scene) -> list[Slot]:
    with scene.database.read() as session:
        return list(session.scalars(select(Slot).order_by(Slot.id)))


def test_importing_twice_changes_nothing(scene: Scene) -> None:
    first = scene.add(new_task("a"), new_task("b", want=2))
    assert (first.added, first.present) == (("a", "b"), ())
    again = scene.add(new_task("a"), new_task("b", want=2))
    assert (again.added, again.present, again.superseded) == ((), ("a", "b"), ())
    assert [slot.task_id for slot in slots(scene)] == [1, 2, 2]


def test_a_new_revision_puts_open_tasks_aside(scene: Scene) -> None:
    scene.add(new_task("a"), new_task("b"))
    ann = scene.person("ann")
    claim = scene.got(ann)
    done = scene.task(claim.task_id).uid
    scene.submit(ann, claim)
    again = scene.add(new_task("a", revision="2"), new_task("b", revision="2"))
    assert set(again.added) == {"a", "b"}
    assert again.superseded == tuple({"a", "b"} - {done})
    states = {k: scene.task(k).state for k in (1, 2, 3, 4)}
    assert sorted(states.values()) == ["decided", "open", "open", "superseded"]
    assert {scene.task(scene.got(scene.person(name)).task_id).revision for name in "xy"} == {"2"}


def test_the_share_of_two_opinions_is_the_objects_own(scene: Scene) -> None:
    uids = [f"object-{k}" for k in range(400)]
    two = [uid for uid in uids if tasks.wants_two(uid, 0.15)]
    assert 40 <= len(two) <= 80
    assert [uid for uid in uids if tasks.wants_two(uid, 0.3) and uid in two] == two
    scene.add(*(new_task(uid) for uid in uids[:50]), double_share=0.15)
    assert len(slots(scene)) == 50 + sum(uid in two for uid in uids[:50])


def test_pages_follow_one_another(scene: Scene) -> None:
    scene.add(*(new_task(f"t{k}", queue="a" if k % 2 else "b") for k in range(10)))
    with scene.database.read() as session:
        first = session.scalars(tasks.listing(limit=4)).all()
        second = session.scalars(tasks.listing(limit=100, after=first[-1].id)).all()
        other = session.scalars(tasks.listing(queue="a", state="open")).all()
        none = session.scalars(tasks.listing(state="decided")).all()
    assert [task.id for task in (*first, *second)] == list(range(1, 11))
    assert [task.uid for task in other] == ["t1", "t3", "t5", "t7", "t9"] and not none
