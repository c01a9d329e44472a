"""A group falls apart as the tree has it."""

import numpy as np

from annotate.review.fold import fold
from annotate.review.split.tree import tree_sides
from annotate.review.state import first_state
from partworks.geometry.adjacency import number_by_first
from tests.annotate.review.objects import after, six


def pieces(state: object, group: int, count: int) -> list[int]:
    sides = tree_sides(six(), state, group, count=count)  # type: ignore[arg-type]
    return number_by_first(sides).tolist()


def test_the_last_joins_are_opened_first() -> None:
    whole = after(six(), {"kind": "level", "count": 1})
    atom = whole.atom_of_face
    for count, group in [(2, [0, 0, 0, 0, 0, 1]), (3, [0, 0, 1, 1, 1, 2]), (6, [0, 1, 2, 3, 4, 5])]:
        expected = number_by_first(np.asarray(group)[atom]).tolist()
        assert pieces(whole, 0, count) == expected
    assert pieces(whole, 0, 99) == number_by_first(atom).tolist()


def test_only_joins_within_the_group_count() -> None:
    """Atoms 1 and 5 are joined by the root alone, whatever hangs below."""
    state = after(six(), {"kind": "assign", "atoms": [1], "group": 5})
    faces = np.flatnonzero(state.group_of_face == 1)
    assert (
        tree_sides(six(), state, 1)[state.atom_of_face[faces] == 5]
        != tree_sides(six(), state, 1)[state.atom_of_face[faces] == 1][0]
    ).all()


def test_a_segment_alone_stays_whole() -> None:
    assert len(np.unique(tree_sides(six(), first_state(six()), 4))) == 1
    refined = fold(six(), [])
    assert len(np.unique(tree_sides(six(), refined, 0))) == 2
