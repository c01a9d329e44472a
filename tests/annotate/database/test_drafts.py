"""Operations: in order, once each, never into another history."""

from __future__ import annotations

import threading

import pytest

from annotate.database import drafts
from annotate.database.audit import Caller
from annotate.database.connection import Database
from annotate.database.errors import Refused
from tests.annotate.database.scene import Scene, new_task, operation, state_hash


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database)


@pytest.fixture
def ann(scene: Scene) -> Caller:
    scene.add(new_task("a"))
    return scene.person("ann")


def compare(scene: Scene, caller: Caller, base_version: int, *posted: object) -> drafts.Posted:
    with scene.database.read() as session:
        draft = drafts.find(session, caller, task_id=1)
        return drafts.compare(session, draft, base_version=base_version, posted=posted)  # type: ignore[arg-type]


def test_what_is_stored_is_what_was_made(scene: Scene, ann: Caller) -> None:
    claim = scene.got(ann)
    made = [operation() for _ in range(5)]
    assert scene.work(ann, claim, *made[:2]) == 2
    assert scene.work(ann, claim, *made[2:]) == 5
    with scene.database.read() as session:
        draft = drafts.find(session, ann, task_id=claim.task_id)
        assert drafts.operations(session, draft.id) == made
        assert drafts.operations(session, draft.id, since=1, until=3) == made[1:3]
        assert draft.state_hash == state_hash(5)


def test_a_batch_is_recognised_in_whole_and_in_part(scene: Scene, ann: Caller) -> None:
    claim = scene.got(ann)
    made = [operation() for _ in range(4)]
    scene.work(ann, claim, *made[:2])
    whole = compare(scene, ann, 0, *made[:2])
    assert (whole.fresh, whole.replayed, whole.version) == ((), 2, 2)
    part = compare(scene, ann, 1, *made[1:])
    assert (part.fresh, part.replayed) == (tuple(made[2:]), 1)


def test_another_history_is_a_conflict_with_what_is_missing(scene: Scene, ann: Caller) -> None:
    claim = scene.got(ann)
    made = [operation() for _ in range(3)]
    scene.work(ann, claim, *made)
    for base_version, posted in ((1, [operation()]), (0, made[:2]), (4, [operation()])):
        with pytest.raises(Refused) as refused:
            compare(scene, ann, base_version, *posted)
        assert refused.value.code == "conflict" and refused.value.extra["version"] == 3
        assert refused.value.extra["operations"] == made[base_version:]


def test_an_id_stands_for_one_content(scene: Scene, ann: Caller) -> None:
    claim = scene.got(ann)
    made = operation()
    scene.work(ann, claim, made)
    forged = {**made, "groups": [1, 2]}
    twice = operation()
    for base_version, posted in ((0, [forged]), (1, [made]), (1, [twice, twice])):
        with pytest.raises(Refused) as refused:
            compare(scene, ann, base_version, *posted)
        assert refused.value.code == "id_reused"


def test_of_two_at_once_one_is_told_of_the_other(scene: Scene, ann: Caller) -> None:
    """Both saw version 0; whoever comes second gets a conflict and changes nothing."""
    scene.got(ann)
    posted = [compare(scene, ann, 0, operation()) for _ in range(2)]
    outcomes: list[object] = []
    barrier = threading.Barrier(2)

    def run(one: drafts.Posted) -> None:
        barrier.wait()
        try:
            with scene.database.write() as session:
                outcomes.append(drafts.append(session, one, state_hash="x", now=scene.now))
        except Refused as refused:
            outcomes.append((refused.code, refused.extra["version"]))

    threads = [threading.Thread(target=run, args=(one,)) for one in posted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [("conflict", 1), 1]
    with scene.database.read() as session:
        assert len(drafts.operations(session, posted[0].draft_id)) == 1


def test_strangers_have_no_draft(scene: Scene, ann: Caller) -> None:
    scene.got(ann)
    bob = scene.person("bob")
    with scene.database.read() as session:
        for task_id, code in ((1, "not_yours"), (9, "not_found")):
            with pytest.raises(Refused) as refused:
                drafts.find(session, bob, task_id=task_id)
            assert refused.value.code == code
