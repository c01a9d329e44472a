"""Who gets which task, in which order, on both databases."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from annotate.database import candidates, claiming, leases
from annotate.database.connection import Database
from annotate.database.errors import Refused
from annotate.database.rules import QueueRules
from tests.annotate.database.scene import Scene, new_task, operation


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database)


def test_the_same_reviewer_gets_the_same_slot_again(scene: Scene) -> None:
    scene.add(new_task("a"), new_task("b"))
    ann = scene.person("ann")
    first = scene.got(ann)
    scene.now += 60
    second = scene.got(ann)
    assert (second.slot_id, second.epoch) == (first.slot_id, first.epoch)
    assert second.lease_until == first.lease_until + 60
    assert second.why == claiming.WHY[claiming.MINE]


def test_two_reviewers_get_two_tasks_and_a_third_none(scene: Scene) -> None:
    scene.add(new_task("a"), new_task("b"))
    held = {scene.got(scene.person(name)).task_id for name in ("ann", "bob")}
    assert len(held) == 2
    assert scene.claim(scene.person("cat")) is None
    with scene.database.read() as session:
        why = claiming.why_nothing(session, now=scene.now)
    assert "2 held" in why and "16 min" in why


def test_higher_priority_first(scene: Scene) -> None:
    scene.add(*(new_task(str(k), priority=float(k)) for k in (3, 1, 2)))
    ann = scene.person("ann")
    order = []
    for _ in range(3):
        claim = scene.got(ann)
        order.append(scene.task(claim.task_id).uid)
        scene.submit(ann, claim)
    assert order == ["3", "2", "1"]


def test_what_has_one_opinion_comes_before_priority_and_never_to_the_same(scene: Scene) -> None:
    scene.add(new_task("twice", want=2), new_task("high", priority=9.0))
    ann, bob = scene.person("ann"), scene.person("bob")
    assert scene.task(scene.got(bob).task_id).uid == "high"
    claim = scene.got(ann)
    scene.submit(ann, claim)
    assert scene.claim(ann) is None  # never both slots of one task
    scene.submit(bob, scene.got(bob))
    again = scene.got(bob)
    assert again.task_id == claim.task_id and "second is wanted" in again.why


def test_an_expired_slot_is_anybodys_and_its_holders_first(scene: Scene) -> None:
    scene.add(new_task("a"))
    ann, bob = scene.person("ann"), scene.person("bob")
    claim = scene.got(ann)
    scene.now = claim.lease_until - 1
    assert scene.claim(bob) is None
    scene.now = claim.lease_until
    taken = scene.got(bob)
    assert taken.slot_id == claim.slot_id and taken.epoch == claim.epoch + 1
    with pytest.raises(Refused) as refused:
        scene.submit(ann, claim)
    assert refused.value.code == "lease_lost"
    assert scene.claim(ann) is None


def test_an_expired_slot_that_nobody_took_still_counts(scene: Scene) -> None:
    scene.add(new_task("a"))
    ann = scene.person("ann")
    claim = scene.got(ann)
    scene.now = claim.lease_until + 3600
    scene.work(ann, claim, operation())
    scene.submit(ann, claim)
    assert scene.task(claim.task_id).state == "decided"


def test_skipped_tasks_do_not_come_back_and_go_to_a_lead(scene: Scene) -> None:
    scene.rules = QueueRules(skips=2, gold_share=0.0)
    scene.add(new_task("a"))
    ann, bob, lead = scene.person("ann"), scene.person("bob"), scene.person("lee", "lead")
    scene.release(ann, scene.got(ann), reason="too complex")
    assert scene.claim(ann) is None
    scene.release(bob, scene.got(bob))
    assert scene.claim(scene.person("cat")) is None
    claim = scene.got(lead)
    assert claim.kind == "expert" and "2 reviewers skipped it" in claim.why
    scene.submit(lead, claim, "reject", reason="duplicate")
    assert scene.task(claim.task_id).state == "decided"


def test_later_comes_after_everything_else_with_its_draft(scene: Scene) -> None:
    scene.add(new_task("a", priority=2.0), new_task("b", priority=1.0))
    ann = scene.person("ann")
    first = scene.got(ann)
    scene.work(ann, first, operation())
    scene.release(ann, first, "later")
    second = scene.got(ann)
    assert second.task_id != first.task_id
    scene.submit(ann, second)
    again = scene.got(ann)
    assert again.task_id == first.task_id and again.epoch == first.epoch + 1
    assert again.why == claiming.WHY[claiming.PUT_OFF]
    assert scene.submit(ann, again)[0].version == 1


def test_a_begun_draft_comes_before_others(scene: Scene) -> None:
    scene.add(new_task("a"), new_task("b", priority=5.0))
    ann, bob, lead = scene.person("ann"), scene.person("bob"), scene.person("lee", "lead")
    scene.got(bob)
    first = scene.got(ann)
    scene.work(ann, first, operation())
    with scene.database.write() as session:
        assert leases.force_release(session, lead, task_id=first.task_id, now=scene.now) == 1
    scene.now += scene.rules.lease_seconds + 1  # bob's slot of higher priority is open too
    again = scene.got(ann)
    assert again.task_id == first.task_id and again.why == claiming.WHY[claiming.BEGUN]


def test_why_there_is_nothing(scene: Scene) -> None:
    def why() -> str:
        with scene.database.read() as session:
            return claiming.why_nothing(session, now=scene.now)

    assert why() == "Nothing is left to review."
    scene.add(new_task("a"))
    ann = scene.person("ann")
    scene.release(ann, scene.got(ann))
    assert scene.claim(ann) is None and "passed on" in why()


def test_the_best_of_many_is_found_by_an_index(scene: Scene) -> None:
    """Neither database may sort or read all open slots for a claim."""
    caller = scene.person("ann")
    for queue, index in ((None, "ix_slot_best"), ("default", "ix_slot_best_of_queue")):
        chosen = candidates.open_slots(caller, now=scene.now, queue=queue)
        best = chosen.best("review", ~chosen.put_off)
        with scene.database.write() as session:
            if not scene.database.is_sqlite:
                # An empty table is cheaper to read whole; the question is what can be used.
                for setting in ("enable_seqscan", "enable_bitmapscan"):
                    session.execute(text(f"SET LOCAL {setting} = off"))
            compiled = best.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
            sql = str(compiled).replace("%%", "%")
            words = "EXPLAIN QUERY PLAN" if scene.database.is_sqlite else "EXPLAIN"
            plan = "\n".join(str(row) for row in session.execute(text(f"{words} {sql}")))
        assert f"{index} (" in plan or f"{index} on" in plan, plan


def test_queues_are_apart(scene: Scene) -> None:
    scene.add(new_task("a", queue="chairs"), new_task("b", queue="lamps"))
    claim = scene.claim(scene.person("ann"), queue="lamps")
    assert claim is not None and scene.task(claim.task_id).uid == "b"
    assert scene.claim(scene.person("bob"), queue="lamps") is None


def test_many_at_once_share_out_every_slot_once(scene: Scene) -> None:
    """Eight threads empty a queue of 60 tasks with two slots each."""
    scene.rules = QueueRules(gold_share=0.0)
    scene.add(*(new_task(f"t{k}", want=2) for k in range(60)))
    people = [scene.person(f"p{k}") for k in range(8)]
    got: list[tuple[int, int]] = []
    errors: list[Exception] = []

    def run(index: int) -> None:
        caller = people[index]
        try:
            idle = 0
            while idle < 20:
                claim = scene.claim(caller)
                if claim is None:
                    idle += 1
                    continue
                scene.submit(caller, claim)
                got.append((claim.task_id, caller.id))
        except Exception as error:  # noqa: BLE001  a thread's error belongs to the test
            errors.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert len(got) == 120 and len(set(got)) == 120
    assert all(scene.task(task_id).state == "decided" for task_id, _ in got)


def test_two_tabs_that_claim_at_once_get_one_slot(scene: Scene) -> None:
    scene.add(*(new_task(f"t{k}") for k in range(20)))
    ann = scene.person("ann")
    found: list[int] = []
    barrier = threading.Barrier(6)

    def run() -> None:
        barrier.wait()
        found.append(scene.got(ann).slot_id)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6 and len(set(found)) == 1
