"""Tasks with a known answer."""

from __future__ import annotations

import pytest

from annotate.database import claiming, gold
from annotate.database.connection import Database
from annotate.database.decisions import decisions
from annotate.database.errors import Refused
from annotate.database.rules import QueueRules
from tests.annotate.database.scene import Scene, new_task, operation


@pytest.fixture
def scene(database: Database) -> Scene:
    """One object that ann decided and a lead made gold, and one that is open."""
    found = Scene(database)
    found.add(new_task("a"))
    ann, lee = found.person("ann"), found.person("lee", "lead")
    claim = found.got(ann)
    found.work(ann, claim, operation())
    found.submit(ann, claim)
    with database.write() as session:
        copy = gold.make_gold(session, lee, task_id=claim.task_id, now=found.now)
        assert gold.make_gold(session, lee, task_id=claim.task_id, now=found.now) == copy
    found.add(new_task("b"))
    found.rules = QueueRules(gold_share=1.0)
    return found


def test_everybody_gets_it_once_but_its_author(scene: Scene) -> None:
    ann, bob, cat = scene.person("ann"), scene.person("bob"), scene.person("cat")
    assert scene.task(scene.got(ann).task_id).uid == "b"
    first, second = scene.got(bob), scene.got(cat)
    assert first.task_id == second.task_id and scene.task(first.task_id).gold
    scene.submit(bob, first)
    assert scene.claim(bob) is None


def test_it_looks_like_any_other(scene: Scene) -> None:
    claim = scene.got(scene.person("bob"))
    assert claim.kind == "gold" and claim.why == claiming.WHY[claiming.NEXT]


@pytest.mark.parametrize(("verdict", "score"), [("accept", 0.75), ("reject", 0.0)])
def test_it_scores_and_decides_nothing(scene: Scene, verdict: str, score: float) -> None:
    bob = scene.person("bob")
    scene.iou = 0.75
    claim = scene.got(bob)
    review, _ = scene.submit(bob, claim, verdict)
    assert review.gold_score == score
    assert scene.task(claim.task_id).state == "open"
    with scene.database.read() as session:
        assert [found.task_id for found in decisions(session)] == [1]


def test_skipping_it_closes_it_for_that_reviewer(scene: Scene) -> None:
    bob = scene.person("bob")
    claim = scene.got(bob)
    scene.release(bob, claim)
    assert scene.task(scene.got(bob).task_id).uid == "b"


def test_only_what_is_decided_can_be_gold(scene: Scene) -> None:
    lee = scene.person("lee", "lead")
    gold_task = scene.got(scene.person("bob")).task_id
    open_task = next(k for k in (2, 3) if k != gold_task)
    with scene.database.write() as session:
        for task_id, code in ((gold_task, "closed"), (open_task, "closed"), (99, "not_found")):
            with pytest.raises(Refused) as refused:
                gold.make_gold(session, lee, task_id=task_id, now=scene.now)
            assert refused.value.code == code


def test_it_is_due_at_its_rate_and_the_same_at_every_asking() -> None:
    due = [gold.is_due(account, done=n, share=0.1) for account in range(20) for n in range(500)]
    assert 0.09 < sum(due) / len(due) < 0.11
    assert due == [
        gold.is_due(account, done=n, share=0.1) for account in range(20) for n in range(500)
    ]
    assert not gold.is_due(1, done=1, share=0.0) and gold.is_due(1, done=1, share=1.0)
