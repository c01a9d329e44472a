"""Which merges are suggested, why, and what is learned from reviews."""

import numpy as np
import pytest
import trimesh

from annotate.review.base import Base
from annotate.review.fold import fold
from annotate.review.operations import Operation
from annotate.review.state import first_state
from annotate.review.suggest.acceptance import acceptance, total
from annotate.review.suggest.facts import ObjectFacts, gather_facts
from annotate.review.suggest.features import FEATURES, candidates, precedents
from annotate.review.suggest.model import SuggestionModel
from annotate.review.suggest.ranking import Suggestion, suggest
from annotate.review.suggest.training import examples_of, train
from annotate.review.surface import read_surface
from partworks.geometry.mesh import Mesh
from tests.annotate.review.made import atoms, single
from tests.annotate.review.objects import say


def table_with_feet() -> Mesh:
    """A top, four legs (atoms 1, 3, 5, 7) and a foot below each (2, 4, 6, 8)."""
    top = trimesh.creation.box(extents=(2, 0.1, 1))
    shapes = [top]
    for x in (-0.8, 0.8):
        for z in (-0.4, 0.4):
            for size, y in (((0.1, 1, 0.1), -0.56), ((0.2, 0.1, 0.2), -1.12)):
                shapes.append(trimesh.creation.box(extents=size))
                shapes[-1].apply_translation((x, y, z))
    return single(*shapes)


def facts_of(mesh: Mesh) -> ObjectFacts:
    base = atoms(np.arange(mesh.face_count) // 12, default_height=0.0)
    return gather_facts(base, read_surface(mesh), generator=np.random.default_rng(0))


FACTS = facts_of(table_with_feet())
FIRST: list[Operation] = [say("merge", 0, groups=[1, 2])]
ALL_LEGS: list[Operation] = [
    say("merge", number, groups=[1 + 2 * number, 2 + 2 * number]) for number in range(4)
]


def only(**coefficients: float) -> SuggestionModel:
    return SuggestionModel(coefficients={"one": -4.0, **coefficients})


def test_after_one_leg_the_others_are_suggested() -> None:
    state = fold(FACTS.base, FIRST)
    found = suggest(FACTS, state, model=only(precedent=6.0))
    pairs = {entry.groups for entry in found if entry.score > 0.8}
    assert pairs == {(3, 4), (5, 6), (7, 8)}
    assert all("as you merged before" in entry.why for entry in found if entry.groups == (3, 4))


def test_without_a_precedent_there_is_none() -> None:
    table = candidates(FACTS, first_state(FACTS.base)).features
    assert not table[:, FEATURES.index("precedent")].any()
    undone = fold(FACTS.base, [*FIRST, say("undo", 1)])
    assert precedents(FACTS, undone) == ()


def test_the_other_side_is_suggested() -> None:
    state = fold(FACTS.base, FIRST)
    found = candidates(FACTS, state)
    column = found.features[:, FEATURES.index("mirrored")] > 0
    pairs = {tuple(found.groups.ids[pair].tolist()) for pair in found.meetings.pairs[column]}
    # The leg at (-x, -z) is the image of those across x and across z.
    assert pairs == {(3, 4), (5, 6)}


def test_a_set_is_as_likely_as_its_mean_and_sorted_by_what_it_saves() -> None:
    found = suggest(FACTS, first_state(FACTS.base), model=only(alike=7.0))
    sets = [entry.groups for entry in found]
    assert set(sets[:2]) == {(1, 3, 5, 7), (2, 4, 6, 8)}
    assert found[0].score == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-3)
    assert "the same shape" in found[0].why
    assert len(set(sets)) == len(sets)


def test_dropped_groups_and_single_groups_are_left_alone() -> None:
    state = fold(FACTS.base, [say("drop", 0, group=3, dropped=True)])
    assert all(3 not in entry.groups for entry in suggest(FACTS, state, model=only(alike=7.0)))
    one = fold(FACTS.base, [say("level", 0, count=1)])
    assert suggest(FACTS, one, model=SuggestionModel()) == ()


def test_suggestions_can_be_merged_as_they_are() -> None:
    state = first_state(FACTS.base)
    for number in range(8):
        found = suggest(FACTS, state, model=only(within=3.0, gap=-1.0, alike=3.0))
        if not found:
            break
        merge = say("merge", number, tool="suggestion", groups=list(found[0].groups))
        before = len(state.groups)
        state = fold(FACTS.base, [*state.done, merge])
        assert len(state.groups) == before - len(found[0].groups) + 1


def test_two_runs_say_the_same() -> None:
    one, two = (
        suggest(facts_of(table_with_feet()), first_state(FACTS.base), model=SuggestionModel())
        for _ in range(2)
    )
    assert [entry.to_json() for entry in one] == [entry.to_json() for entry in two]


def test_what_reviewers_do_is_learned() -> None:
    """Of legs and feet that were merged, and tops that were not, a model that does the same."""
    lessons = examples_of(FACTS, ALL_LEGS)
    assert lessons.joined.any() and not lessons.joined.all()
    model = train([lessons])
    best = suggest(FACTS, first_state(FACTS.base), model=model, most=4)
    assert {entry.groups for entry in best} == {(1, 2), (3, 4), (5, 6), (7, 8)}
    assert min(entry.score for entry in best) > 0.5


def test_examples_say_how_it_ended() -> None:
    state = first_state(FACTS.base)
    found = candidates(FACTS, state)
    lessons = examples_of(FACTS, ALL_LEGS)
    first = lessons.joined[: len(found.features)]
    merged = {tuple(pair) for pair in found.meetings.pairs[first].tolist()}
    assert merged == {(1, 2), (3, 4), (5, 6), (7, 8)}
    assert (lessons.features[: len(found.features)] == found.features).all()


def test_what_was_taken_kept_and_right() -> None:
    shown = [
        Suggestion(groups=(1, 2), score=0.9, why=""),
        Suggestion(groups=(3, 4), score=0.8, why=""),
        Suggestion(groups=(0, 1), score=0.7, why=""),
    ]
    log = [
        say("merge", 0, tool="suggestion", groups=[1, 2]),
        say("merge", 1, tool="suggestion", groups=[0, 1]),
        say("undo", 2),
        say("merge", 3, tool="click", groups=[3, 4]),
    ]
    found = acceptance(FACTS.base, log, shown=shown)
    assert (found.merges, found.taken, found.kept) == (2, 2, 1)
    assert (found.offered, found.right) == (3, 2)
    assert found.share == 0.5 and found.precision == pytest.approx(2 / 3)
    nothing = acceptance(FACTS.base, [])
    assert nothing.share is None and nothing.precision is None
    assert total([found, nothing, found]).taken == 4


def test_an_object_of_one_face() -> None:
    mesh = single(trimesh.Trimesh([[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[0, 1, 2]], process=False))
    base = Base(
        atom_of_face=np.zeros(1, np.int32),
        children=np.zeros((0, 2), np.int32),
        heights=np.zeros(0),
        default_height=0.0,
    )
    facts = gather_facts(base, read_surface(mesh), generator=np.random.default_rng(0))
    assert suggest(facts, first_state(base), model=SuggestionModel()) == ()
