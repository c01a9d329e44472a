"""Examples out of reviews: closed counts on a table and on what has no pairs."""

import numpy as np

from annotate.review.operations import Merge
from annotate.review.suggest.facts import ObjectFacts, gather_facts
from annotate.review.suggest.features import FEATURES
from annotate.review.suggest.model import SuggestionModel
from annotate.review.suggest.training import Examples, compare, examples_of
from annotate.review.surface import read_surface
from partworks.geometry.mesh import Mesh
from tests.annotate.review.made import atoms
from tests.annotate.reviewing import stamp
from tests.annotate.shapes import boxes, table


def facts_of(mesh: Mesh) -> ObjectFacts:
    base = atoms(mesh.face_node, default_height=0.0)
    return gather_facts(base, read_surface(mesh), generator=np.random.default_rng(0))


def test_pairs_that_ended_as_one_part_are_joined() -> None:
    found = examples_of(facts_of(table()), [Merge(**stamp(1), groups=(1, 2, 3, 4))])
    # Six pairs of legs and four with the top; then one pair that stayed two.
    assert len(found.joined) == 10 + 1 and found.joined.sum() == 6
    assert len(found.features) == len(found.joined)


def test_an_object_that_was_one_group_all_the_way_gives_no_examples() -> None:
    found = examples_of(facts_of(boxes(((1, 1, 1), (0, 0, 0), "box"))), [])
    assert found.features.shape[0] == 0 == len(found.joined)


def drawn(*, follow: bool) -> list[Examples]:
    """Pairs whose outcomes are drawn by the shipped model, or by its opposite."""
    generator = np.random.default_rng(0)
    found = []
    for _ in range(20):
        features = generator.normal(size=(12, len(FEATURES)))
        features[:, 0] = 1.0
        chance = SuggestionModel().probability(features)
        joined = generator.random(12) < (chance if follow else 1 - chance)
        found.append(Examples(features=features, joined=joined))
    return found


def test_learning_is_judged_on_what_was_not_learnt_from() -> None:
    """Nobody beats the model that drew the outcomes; anybody beats its opposite."""
    assert not compare(drawn(follow=True)).is_better
    found = compare(drawn(follow=False))
    assert found.is_better and found.learnt < 0.7 < found.shipped
