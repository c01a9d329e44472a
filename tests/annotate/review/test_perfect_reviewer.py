"""The scripted reviewer of the benchmarks pays what one can count by hand."""

import numpy as np
import trimesh

from annotate.review.base import Base
from annotate.review.suggest.facts import gather_facts
from annotate.review.suggest.model import SuggestionModel
from annotate.review.surface import read_surface
from benchmarks._reviewer import Reviewer
from tests.annotate.review.made import atoms, dumbbell, one_atom, single

PRECEDENT = SuggestionModel(coefficients={"one": -4.0, "precedent": 6.0})
NOTHING = SuggestionModel(coefficients={"one": -9.0})


def legs() -> tuple[Base, Reviewer]:
    """A top, and four legs with a foot each, nine atoms; a leg and its foot are one part."""
    shapes = [trimesh.creation.box(extents=(2, 0.1, 1))]
    for x in (-0.8, 0.8):
        for z in (-0.4, 0.4):
            for size, y in (((0.1, 1, 0.1), -0.56), ((0.2, 0.1, 0.2), -1.12)):
                shapes.append(trimesh.creation.box(extents=size))
                shapes[-1].apply_translation((x, y, z))
    atom = np.arange(108) // 12
    rows = [(1, 2), (3, 4), (5, 6), (7, 8), (0, 9), (13, 10), (14, 11), (15, 12)]
    base = Base(
        atom_of_face=atom.astype(np.int32),
        children=np.asarray(rows, np.int32),
        heights=np.linspace(0.1, 0.8, 8),
        default_height=0.0,
    )
    facts = gather_facts(base, read_surface(single(*shapes)), generator=np.random.default_rng(0))
    truth = np.where(atom == 0, 0, (atom + 1) // 2).astype(np.int32)
    return base, Reviewer(base=base, facts=facts, truth=truth)


def test_four_merges_by_hand() -> None:
    _, reviewer = legs()
    reviewer.finish()
    assert reviewer.total == 4 * (2 + 1) + 1
    assert len(reviewer.log) == 4 and len(reviewer.state.groups) == 5


def test_one_merge_by_hand_and_three_that_are_suggested() -> None:
    _, reviewer = legs()
    reviewer.model = PRECEDENT
    reviewer.finish()
    # Asked for once, then each is shown when the one before is taken.
    assert dict(reviewer.actions) == {"merge": 3, "suggestion": 2 + 1 + 1, "accept": 1}


def test_a_list_of_suggestions_saves_a_key_on_the_first() -> None:
    _, reviewer = legs()
    reviewer.model, reviewer.listed = PRECEDENT, 5
    reviewer.finish()
    assert dict(reviewer.actions) == {"merge": 3, "suggestion": 3, "accept": 1}


def test_the_slider_does_it_at_once() -> None:
    _, reviewer = legs()
    reviewer.finish(count=5)
    assert reviewer.total == 2


def test_what_is_mixed_is_split_where_the_tree_does() -> None:
    _, reviewer = legs()
    reviewer.finish(count=4)
    assert reviewer.actions["tree"] == 2 and reviewer.total == 4
    assert len(reviewer.state.groups) == 5


def test_an_atom_with_two_parts_is_split_by_seeds() -> None:
    mesh = dumbbell()
    base = one_atom(mesh)
    facts = gather_facts(base, read_surface(mesh), generator=np.random.default_rng(0))
    truth = (facts.surface.centroids[:, 0] > 0).astype(np.int32)
    reviewer = Reviewer(base=base, facts=facts, truth=truth)
    reviewer.finish()
    assert dict(reviewer.actions) == {"seeds": 3 + 2, "accept": 1}
    assert len(reviewer.state.groups) == 2


def test_a_limb_is_painted_once_and_mirrored() -> None:
    """Bands that no seed can tell apart: on one side painted, on the other mirrored."""
    mesh = dumbbell()
    base = one_atom(mesh)
    facts = gather_facts(base, read_surface(mesh), generator=np.random.default_rng(0))
    x = facts.surface.centroids[:, 0]
    ring = (np.abs(x) * 60 / 4).astype(int)
    banded = (ring // 2 % 2 == 0) & (ring > 5)
    truth = np.where(banded, np.where(x > 0, 1, 2), 0).astype(np.int32)
    alone = Reviewer(base=base, facts=facts, truth=truth)
    alone.finish()
    helped = Reviewer(base=base, facts=facts, truth=truth, model=NOTHING)
    helped.finish()
    assert dict(alone.actions) == {"brush": 16, "accept": 1}
    assert dict(helped.actions) == {"brush": 8, "mirror": 1, "accept": 1}


def test_what_is_not_known_is_left_alone() -> None:
    mesh = dumbbell()
    base = atoms((read_surface(mesh).centroids[:, 0] > 0).astype(int), default_height=0.0)
    facts = gather_facts(base, read_surface(mesh), generator=np.random.default_rng(0))
    reviewer = Reviewer(base=base, facts=facts, truth=np.where(base.atom_of_face == 0, 4, -1))
    reviewer.finish()
    assert reviewer.total == 1
