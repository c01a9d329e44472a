"""Holding, losing and letting go."""

from __future__ import annotations

import pytest

from annotate.database import drafts, leases
from annotate.database.connection import Database
from annotate.database.errors import Refused
from annotate.database.tables import Slot
from tests.annotate.database.scene import Scene, new_task, operation


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database)


def beat(scene: Scene, name: str, task_id: int, epoch: int) -> float:
    caller = scene.person(name)
    with scene.database.write() as session:
        return leases.heartbeat(
            session,
            caller,
            task_id=task_id,
            epoch=epoch,
            rules=scene.rules,
            now=scene.now,
        )


def test_a_heartbeat_prolongs_the_lease(scene: Scene) -> None:
    scene.add(new_task("a"))
    claim = scene.got(scene.person("ann"))
    scene.now += 600
    assert beat(scene, "ann", claim.task_id, claim.epoch) == scene.now + 900
    scene.now += 899
    assert scene.claim(scene.person("bob")) is None


@pytest.mark.parametrize(
    ("name", "task", "epoch", "code"),
    [
        ("ann", 0, 1, "lease_lost"),
        ("ann", 0, -1, "lease_lost"),
        ("bob", 0, 0, "not_yours"),
        ("ann", 99, 0, "not_found"),
    ],
)
def test_the_fence_knows_holder_task_and_epoch(
    scene: Scene, name: str, task: int, epoch: int, code: str
) -> None:
    scene.add(new_task("a"))
    claim = scene.got(scene.person("ann"))
    with pytest.raises(Refused) as refused:
        beat(scene, name, claim.task_id + task, claim.epoch + epoch)
    assert refused.value.code == code


def test_after_submission_the_fence_says_so(scene: Scene) -> None:
    scene.add(new_task("a"))
    ann = scene.person("ann")
    claim = scene.got(ann)
    scene.submit(ann, claim)
    with pytest.raises(Refused) as refused:
        scene.work(ann, claim, operation())
    assert refused.value.code == "already_submitted"


def test_a_forced_release_frees_the_task_and_keeps_the_draft(scene: Scene) -> None:
    scene.add(new_task("a"))
    ann, bob, lead = scene.person("ann"), scene.person("bob"), scene.person("lee", "lead")
    claim = scene.got(ann)
    scene.work(ann, claim, operation())
    with scene.database.write() as session:
        assert leases.force_release(session, lead, task_id=claim.task_id, now=scene.now) == 1
    other = scene.got(bob)
    assert other.slot_id == claim.slot_id and other.epoch == claim.epoch + 1
    with scene.database.read() as session:
        assert drafts.find(session, ann, task_id=claim.task_id).version == 1
        assert drafts.find(session, bob, task_id=claim.task_id).version == 0
    with scene.database.write() as session, pytest.raises(Refused):
        leases.force_release(session, lead, task_id=99, now=scene.now)


def test_a_released_slot_is_free_and_its_epoch_stays(scene: Scene) -> None:
    scene.add(new_task("a"))
    ann = scene.person("ann")
    claim = scene.got(ann)
    scene.release(ann, claim, "later")
    with scene.database.read() as session:
        slot = session.get_one(Slot, claim.slot_id)
    assert (slot.holder, slot.lease_until, slot.epoch) == (None, 0.0, claim.epoch)
