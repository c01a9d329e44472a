from collections.abc import Sequence

import pytest

from annotate.exchange import retraining
from annotate.exchange.facts import read_facts
from annotate.exchange.retraining import LEAST_REVIEWS, retrain
from annotate.exchange.suggestion_model import PATH, read_model
from annotate.review.base import Base
from annotate.review.operations import Merge, Operation
from annotate.review.state import first_state
from annotate.review.suggest.acceptance import Acceptance
from annotate.review.suggest.model import SuggestionModel
from annotate.review.suggest.ranking import suggest
from annotate.review.suggest.training import Comparison
from partworks import layout
from partworks.artifacts.segments import Segments
from partworks.errors import UsageError
from partworks.geometry.glb import write_glb
from partworks.ledger import Ledger
from partworks.records import Attempt
from partworks.store import Store
from tests.annotate.exchange.desk import Desk
from tests.annotate.exchange.test_tasks import segment_anew
from tests.annotate.reviewing import PAIRS, stamp
from tests.annotate.shapes import boxes, tree

LEGS = frozenset({1, 2, 3, 4})
ALL_LEGS: Sequence[Operation] = (Merge(**stamp(1), groups=(1, 2, 3, 4)),)


def reviewed(desk: Desk, made: Sequence[Operation], *, count: int = LEAST_REVIEWS) -> None:
    """Tables that ada accepted, all alike."""
    uids = [f"table{index:02}" for index in range(count)]
    desk.put(*uids)
    desk.load()
    for _ in uids:
        desk.submit("ada", made)


def scores(store: Store, model: SuggestionModel) -> dict[frozenset[int], float]:
    """What would be suggested for a table that nobody has touched."""
    segments = Segments.from_bytes(store.read(layout.segments("table00")))
    base = Base.of(segments)
    facts = read_facts(store, base, uid="table00", geometry_hash=segments.geometry_hash)
    found = suggest(facts, first_state(base), model=model)
    return {frozenset(entry.groups): entry.score for entry in found}


def test_suggestions_go_by_what_reviewers_merged(desk: Desk) -> None:
    reviewed(desk, ALL_LEGS)
    shipped = read_model(desk.store)
    assert shipped == SuggestionModel()
    done = retrain(desk.store, desk.database)
    assert (done.reviews, done.without_pairs, done.unfit) == (LEAST_REVIEWS, 0, {})
    assert done.written and done.comparison.learnt < done.comparison.shipped
    assert done.taken_up == Acceptance(merges=LEAST_REVIEWS)
    # Ten pairs of the five boxes at the start, one pair once the legs are one.
    assert done.model.examples == 11 * LEAST_REVIEWS
    learnt = read_model(Store(desk.store.url))
    assert learnt == done.model != shipped
    before, after = scores(desk.store, shipped), scores(desk.store, learnt)
    assert after[LEGS] > max(0.9, before.get(LEGS, 0.0))
    assert next(iter(after)) == LEGS, "it comes first"
    assert all(score < 0.7 for groups, score in after.items() if 0 in groups)


def test_what_is_no_better_is_not_taken_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    reviewed(desk, ALL_LEGS)
    worse = Comparison(shipped=0.2, learnt=0.3)
    monkeypatch.setattr(retraining, "compare", lambda _examples: worse)
    done = retrain(desk.store, desk.database)
    assert not done.written and done.comparison == worse
    assert not desk.store.exists(PATH)
    assert retrain(desk.store, desk.database, anyway=True).written
    assert desk.store.exists(PATH)


def test_the_same_reviews_give_the_same_bytes(desk: Desk) -> None:
    reviewed(desk, PAIRS)
    retrain(desk.store, desk.database)
    first = desk.store.read(PATH)
    desk.store.delete(PATH)
    retrain(desk.store, desk.database)
    assert desk.store.read(PATH) == first


def test_too_few_reviews_say_how_many_are_needed(desk: Desk) -> None:
    reviewed(desk, ALL_LEGS)
    segment_anew(desk, "table07")
    with pytest.raises(UsageError) as caught:
        retrain(desk.store, desk.database)
    message = str(caught.value)
    assert f"{LEAST_REVIEWS - 1} accepted reviews" in message and "1 decided objects" in message
    assert f"at least {LEAST_REVIEWS} are needed" in message
    assert not desk.store.exists(PATH)


def test_reviews_that_merged_nothing_are_no_lesson(desk: Desk) -> None:
    reviewed(desk, ())
    with pytest.raises(UsageError, match="both merged and unmerged"):
        retrain(desk.store, desk.database)
    assert not desk.store.exists(PATH)


def test_the_latest_reviews_count_where_there_are_many(desk: Desk) -> None:
    reviewed(desk, ALL_LEGS, count=LEAST_REVIEWS)
    desk.put("later")
    desk.load()
    assert desk.submit("ada", PAIRS) == "later"
    most = retrain(desk.store, desk.database, most=LEAST_REVIEWS)
    # PAIRS merge twice, the other reviews once: the latest is among those that were taken.
    assert most.reviews == LEAST_REVIEWS and most.taken_up.merges == LEAST_REVIEWS + 1
    every = retrain(desk.store, desk.database)
    assert every.reviews == LEAST_REVIEWS + 1 and every.taken_up.merges == LEAST_REVIEWS + 2


def test_what_cannot_be_replayed_is_named_where_too_few_are_left(desk: Desk) -> None:
    reviewed(desk, ALL_LEGS)
    desk.store.delete(layout.object_glb("table03"))
    with pytest.raises(UsageError, match=r"19 accepted reviews .*table03 cannot be replayed"):
        retrain(desk.store, desk.database)


def put_box(store: Store, uid: str) -> None:
    """An object of one atom."""
    mesh = boxes(((1, 1, 1), (0, 0, 0), "box"))
    whole = store.write(layout.object_glb(uid), write_glb(mesh))
    segments = tree([6.0], [], labels=mesh.face_node, of=mesh)
    output = store.write(layout.segments(uid), segments.to_bytes())
    for stage, written in (("ingest", whole), ("segment", output)):
        with Ledger(store).writer(stage) as writer:
            writer.append(
                Attempt(uid=uid, stage=stage, status="ok", fingerprint="f", outputs=(written,))
            )


def test_what_teaches_nothing_is_counted_and_named(desk: Desk) -> None:
    reviewed(desk, ALL_LEGS, count=LEAST_REVIEWS + 2)
    put_box(desk.store, "box")
    desk.load()
    assert desk.submit("ada") == "box"
    desk.store.delete(layout.object_glb("table03"))
    desk.store.write(layout.segments("table04"), b"PK damaged")
    done = retrain(desk.store, desk.database)
    assert (done.reviews, done.without_pairs) == (LEAST_REVIEWS, 1)
    assert list(done.unfit) == ["table03", "table04"]
    assert "segments_mismatch" in done.unfit["table04"]
    assert "objects/" in done.unfit["table03"]
