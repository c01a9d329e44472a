"""Sizes, shapes and places of groups, in closed form."""

import numpy as np
import pytest
import trimesh

from annotate.review.fold import fold
from annotate.review.state import first_state
from annotate.review.suggest.facts import gather_facts
from annotate.review.suggest.groups import group_facts, meetings, tree_sets
from annotate.review.surface import read_surface
from tests.annotate.review.made import atoms, single
from tests.annotate.review.objects import base as tree_base
from tests.annotate.review.objects import say
from tests.annotate.shapes import table

MESH = table()
BASE = atoms(MESH.face_node, default_height=0.0)
FACTS = gather_facts(BASE, read_surface(MESH), generator=np.random.default_rng(0))
STATE = first_state(BASE)
GROUPS = group_facts(FACTS, STATE)


def test_sizes_and_places_of_a_table() -> None:
    leg = 2 * 0.1 * 0.1 + 4 * 0.1 * 1
    assert GROUPS.area == pytest.approx([2 * (2 * 1 + 2 * 0.1 + 1 * 0.1), *[leg] * 4], rel=1e-5)
    assert GROUPS.middle[1:] == pytest.approx(
        np.array([[-0.8, -0.55, -0.4], [0.8, -0.55, -0.4], [-0.8, -0.55, 0.4], [0.8, -0.55, 0.4]]),
        abs=1e-5,
    )


def test_legs_are_of_one_shape_and_mirror_twins() -> None:
    assert np.ptp(GROUPS.shape[1:], axis=0).max() < 1e-4
    assert len(set(GROUPS.kind.tolist())) == 2
    across = {
        plane.axis: row.tolist() for plane, row in zip(FACTS.planes, GROUPS.twin, strict=True)
    }
    assert across == {0: [0, 2, 1, 4, 3], 2: [0, 3, 4, 1, 2]}


def test_a_shape_is_the_same_however_it_is_turned() -> None:
    shapes = [trimesh.creation.box(extents=(1, 2, 3)) for _ in range(3)]
    turn = trimesh.transformations.random_rotation_matrix(np.array([0.1, 0.7, 0.4]))
    turn[:3, 3] = 10, -4, 3
    shapes[1].apply_transform(turn)
    shapes[2].apply_scale(2)
    shapes[2].apply_translation((0, 30, 0))
    base = atoms(np.repeat([0, 1, 2], 12), default_height=0.0)
    facts = gather_facts(base, read_surface(single(*shapes)), generator=np.random.default_rng(0))
    shape = group_facts(facts, first_state(base)).shape
    assert shape[0] == pytest.approx(shape[1], abs=1e-4)
    assert shape[2] - shape[0] == pytest.approx(np.full(4, np.log(2)), abs=1e-4)
    # ∫ x² over the surface of a box of sides a, b, c, by hand.
    a, b, c = 3.0, 2.0, 1.0
    total = 2 * (a * b + b * c + c * a)
    spread = (2 * b * c * (a / 2) ** 2 + 2 * (a * b + a * c) * a**2 / 12) / total
    assert shape[0, 1] == pytest.approx(np.log(np.sqrt(spread)), abs=1e-5)


def test_the_tree_joins_where_the_first_atoms_meet() -> None:
    rows = [(0, 2, 0.125), (1, 3, 0.25), (4, 5, 0.5)]
    base = tree_base(MESH.face_node.clip(max=3).tolist(), rows, default_height=0.0)
    facts = gather_facts(base, read_surface(MESH), generator=np.random.default_rng(0))
    join = group_facts(facts, first_state(base)).join
    assert join[0, 2] == join[2, 0] == 0.125
    assert join[1, 3] == 0.25
    assert join[0, 1] == join[2, 3] == 0.5


def test_pairs_are_near_or_of_one_shape() -> None:
    found = meetings(FACTS, GROUPS, STATE)
    pairs = set(map(tuple, found.pairs.tolist()))
    assert {(0, 1), (0, 2), (0, 3), (0, 4)} <= pairs  # near
    assert {(1, 2), (3, 4), (1, 3), (1, 4)} <= pairs  # alike
    assert (found.length == 0).all()  # separate boxes share no edge
    near = found.gap[[(found.pairs == [0, 1]).all(axis=1).argmax()]]
    assert near[0] < 0.1


def test_a_border_has_its_length_and_turn() -> None:
    box = trimesh.creation.box(extents=(1, 1, 1))
    top = box.face_normals[:, 2] > 0.5
    base = atoms(top.astype(int), default_height=0.0)
    facts = gather_facts(base, read_surface(single(box)), generator=np.random.default_rng(0))
    state = first_state(base)
    found = meetings(facts, group_facts(facts, state), state)
    assert found.pairs.tolist() == [[0, 1]]
    assert found.length == pytest.approx([4.0])
    assert found.convex == pytest.approx([np.pi / 2], abs=1e-5)
    assert found.concave == pytest.approx([0.0], abs=1e-6)
    assert found.border == pytest.approx([4.0, 4.0])


def test_what_is_below_a_node_is_a_set_if_it_is_whole_groups() -> None:
    rows = [(0, 2, 0.125), (1, 3, 0.25), (4, 5, 0.5)]
    base = tree_base([0, 1, 2, 3, 0], rows, default_height=0.0)
    assert tree_sets(base, first_state(base)) == [(0, 2), (1, 3)]
    # Atoms 1 and 2 are one group: no node holds all of it but the root.
    mixed = fold(base, [say("merge", 0, groups=[1, 2])])
    assert tree_sets(base, mixed) == []
    refined = fold(base, [say("refine", 0, atom=0, faces=[0, 1], method="brush", apart=True)])
    assert tree_sets(base, refined) == [(0, 2, 4), (1, 3)]
