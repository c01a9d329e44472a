"""From opinions to a decision, and back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from annotate.database.connection import Database
from annotate.database.decisions import Decision, decisions
from annotate.database.errors import Refused
from annotate.database.tables import Agreement, Review, Slot
from tests.annotate.database.scene import Scene, new_task, operation


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database)


def outcome(scene: Scene) -> list[Decision]:
    with scene.database.read() as session:
        return list(decisions(session))


def both(scene: Scene, first: str = "accept", second: str = "accept") -> int:
    """Two reviewers on one object."""
    scene.add(new_task("a", want=2))
    for name, verdict in (("ann", first), ("bob", second)):
        caller = scene.person(name)
        claim = scene.got(caller)
        scene.work(caller, claim, operation())
        scene.submit(caller, claim, verdict, reason="scan" if verdict == "reject" else "")
    return claim.task_id


def test_one_opinion_decides_where_one_is_wanted(scene: Scene) -> None:
    scene.add(new_task("a"))
    ann = scene.person("ann")
    claim = scene.got(ann)
    made = operation()
    scene.work(ann, claim, made)
    scene.submit(ann, claim, note="fine")
    (found,) = outcome(scene)
    assert (found.uid, found.verdict, found.note) == ("a", "accept", "fine")
    assert found.operations == (made,) and found.reviewers == ("ann",)


def test_agreement_lets_the_first_stand(scene: Scene) -> None:
    both(scene)
    (found,) = outcome(scene)
    assert found.reviewer == "ann" and found.reviewers == ("ann", "bob")


@pytest.mark.parametrize(
    ("first", "second", "iou"),
    [("accept", "reject", 1.0), ("accept", "accept", 0.5), ("reject", "cannot-decide", 1.0)],
)
def test_disagreement_goes_to_an_expert_and_ends_there(
    scene: Scene, first: str, second: str, iou: float
) -> None:
    scene.iou = iou
    task_id = both(scene, first, second)
    assert scene.task(task_id).state == "adjudication" and outcome(scene) == []
    assert scene.claim(scene.person("cat")) is None
    assert scene.claim(scene.person("ann")) is None
    lee = scene.person("lee", "lead")
    claim = scene.got(lee)
    scene.submit(lee, claim, "cannot-decide")
    assert scene.task(task_id).state == "decided" and scene.claim(lee) is None
    (found,) = outcome(scene)
    assert (found.verdict, found.reviewer) == ("cannot-decide", "lee")
    with scene.database.read() as session:
        pairs = session.scalars(select(Agreement)).all()
    # The expert's word is no opinion among equals.
    assert [(pair.first_id, pair.second_id) for pair in pairs] == [(1, 2)]


def test_a_lead_who_gave_an_opinion_does_not_judge_it(scene: Scene) -> None:
    scene.add(new_task("a", want=2))
    scene.iou = 0.0
    lee, bob, kim = scene.person("lee", "lead"), scene.person("bob"), scene.person("kim", "lead")
    for caller in (lee, bob):
        scene.submit(caller, scene.got(caller))
    assert scene.claim(lee) is None
    assert scene.got(kim).kind == "expert"


def test_an_expert_picks_an_opinion(scene: Scene) -> None:
    scene.iou = 0.0
    both(scene)
    lee = scene.person("lee", "lead")
    claim = scene.got(lee)
    for picked, verdict in ((99, "accept"), (1, "reject")):
        with pytest.raises(Refused) as refused:
            scene.submit(lee, claim, verdict, picked_id=picked)
        assert refused.value.code == "invalid"
    scene.submit(lee, claim, picked_id=2)
    (found,) = outcome(scene)
    assert found.reviewer == "bob" and found.reviewers == ("ann", "bob", "lee")


def test_one_who_cannot_decide_calls_an_expert_at_once(scene: Scene) -> None:
    scene.add(new_task("a", want=2))
    ann, bob = scene.person("ann"), scene.person("bob")
    claim = scene.got(ann)
    held = scene.got(bob)
    scene.submit(ann, claim, "cannot-decide")
    assert scene.task(claim.task_id).state == "adjudication"
    with pytest.raises(Refused):  # what bob holds is no longer wanted; his draft stays
        scene.submit(bob, held)


def test_a_submission_twice_is_one_review(scene: Scene) -> None:
    scene.add(new_task("a"))
    ann = scene.person("ann")
    claim = scene.got(ann)
    first, replayed = scene.submit(ann, claim)
    again, replayed_again = scene.submit(ann, claim)
    assert (first.id, replayed, again.id, replayed_again) == (again.id, False, first.id, True)
    with pytest.raises(Refused) as refused:
        scene.submit(ann, claim, "reject", reason="scan")
    assert refused.value.code == "already_submitted"


def test_taking_back_opens_the_draft_and_keeps_the_review(scene: Scene) -> None:
    scene.add(new_task("a"), new_task("b"))
    ann = scene.person("ann")
    claim = scene.got(ann)
    scene.work(ann, claim, operation())
    scene.submit(ann, claim)
    other = scene.got(ann)
    scene.take_back(ann, claim.task_id)
    again = scene.got(ann)
    assert again.task_id == claim.task_id and again.epoch == claim.epoch + 1
    assert outcome(scene) == []
    scene.work(ann, again, operation())
    scene.submit(ann, again)
    (found,) = outcome(scene)
    assert len(found.operations) == 2
    with scene.database.read() as session:
        assert [review.version for review in session.scalars(select(Review))] == [1, 2]
    assert scene.got(ann).task_id == other.task_id


def test_taking_back_has_an_end(scene: Scene) -> None:
    scene.iou = 0.0
    task_id = both(scene)
    ann, bob, lee = scene.person("ann"), scene.person("bob"), scene.person("lee", "lead")
    scene.take_back(bob, task_id)  # nobody judges it yet: the expert's slot is withdrawn
    assert scene.task(task_id).state == "open" and scene.claim(lee) is None
    scene.iou = 1.0
    scene.submit(bob, scene.got(bob))
    assert scene.task(task_id).state == "decided"
    for caller, wait, code in (
        (scene.person("cat"), 0, "not_yours"),
        (ann, scene.rules.take_back_seconds + 1, "closed"),
    ):
        scene.now += wait
        with pytest.raises(Refused) as refused:
            scene.take_back(caller, task_id)
        assert refused.value.code == code


def test_what_an_expert_has_is_not_taken_back(scene: Scene) -> None:
    scene.iou = 0.0
    task_id = both(scene)
    scene.got(scene.person("lee", "lead"))
    with pytest.raises(Refused) as refused:
        scene.take_back(scene.person("ann"), task_id)
    assert refused.value.code == "closed"


def test_a_lead_returns_a_task_to_those_who_did_it(scene: Scene) -> None:
    scene.add(new_task("a"), new_task("b", priority=9.0))
    ann, bob, lee = scene.person("ann"), scene.person("bob"), scene.person("lee", "lead")
    scene.submit(bob, scene.got(bob))
    claim = scene.got(ann)
    scene.work(ann, claim, operation())
    scene.submit(ann, claim)
    before = outcome(scene)
    scene.reopen(lee, claim.task_id, to_same=True, note="the left leg")
    assert [found.uid for found in outcome(scene)] == ["b"]
    assert scene.claim(bob) is None
    again = scene.got(ann)
    assert again.task_id == claim.task_id and "the left leg" in again.why
    scene.work(ann, again, operation())
    scene.submit(ann, again)
    after = outcome(scene)
    assert [found.uid for found in after] == ["a", "b"]
    assert before[0].digest != after[0].digest and before[1].digest == after[1].digest


def test_a_lead_reopens_a_task_for_anybody_from_the_start(scene: Scene) -> None:
    scene.add(new_task("a"))
    ann, lee = scene.person("ann"), scene.person("lee", "lead")
    claim = scene.got(ann)
    scene.work(ann, claim, operation())
    scene.submit(ann, claim)
    scene.reopen(lee, claim.task_id, to_same=False)
    again = scene.got(ann)
    assert again.round == 1 and again.slot_id != claim.slot_id and again.epoch > claim.epoch
    with pytest.raises(Refused) as refused:
        scene.work(ann, claim, operation())  # a tab of the first round is still open
    assert refused.value.code == "lease_lost"
    review, _ = scene.submit(ann, again)
    assert review.version == 0 and outcome(scene)[0].operations == ()
    with scene.database.read() as session:
        assert len(session.scalars(select(Slot)).all()) == 2


def test_the_same_work_has_the_same_digest(scene: Scene) -> None:
    both(scene)
    first = outcome(scene)
    scene.now += 5000
    assert [found.digest for found in outcome(scene)] == [found.digest for found in first]


def test_nothing_is_reopened_that_was_never_done(scene: Scene) -> None:
    scene.add(new_task("a"))
    lee = scene.person("lee", "lead")
    for task_id, code in ((1, "closed"), (9, "not_found")):
        with pytest.raises(Refused) as refused:
            scene.reopen(lee, task_id, to_same=True)
        assert refused.value.code == code
    scene.add(new_task("a", revision="other"))
    with pytest.raises(Refused) as refused:
        scene.reopen(lee, 1, to_same=False)
    assert refused.value.code == "closed"
