"""Whatever the sides are, the operations bring them about."""

import uuid
from itertools import count

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.review.fold import fold, gesture_length, step
from annotate.review.split.plan import plan_split, sides_of_faces
from annotate.review.state import first_state
from partworks.geometry.adjacency import number_by_first
from tests.annotate.review.made import atoms
from tests.annotate.review.strategies import logs


@settings(max_examples=150, deadline=None, derandomize=True)
@given(logs(most=8), st.data())
def test_the_group_falls_into_its_sides(log: tuple, data: st.DataObject) -> None:
    start, operations = log
    state = fold(start, operations)
    group = data.draw(st.sampled_from(state.groups.tolist()))
    faces = np.flatnonzero(state.group_of_face == group)
    sides = data.draw(st.lists(st.integers(0, 3), min_size=len(faces), max_size=len(faces)))
    numbers = count(1000)
    found = plan_split(state, group, np.asarray(sides)).operations(
        new_id=lambda: str(uuid.UUID(int=next(numbers))), at=5, tool="seeds", method="geodesic"
    )
    after = state
    for operation in found:
        after = step(start, after, operation)
    assert (number_by_first(after.group_of_face[faces]) == number_by_first(sides)).all()
    others = np.setdiff1d(np.arange(start.face_count), faces)
    assert (
        number_by_first(after.group_of_face[others]) == number_by_first(state.group_of_face[others])
    ).all()
    across = len({(a, s) for a, s in zip(state.atom_of_face[faces], sides, strict=True)})
    assert after.atom_count - state.atom_count == across - len(np.unique(state.atom_of_face[faces]))
    assert len(found) == 0 or gesture_length(after) == len(found)
    # What stays keeps the name.
    if group in state.names:
        assert state.names[group] in after.names.values()


def test_one_side_needs_nothing() -> None:
    state = first_state(atoms([0, 0, 1]))
    assert plan_split(state, 0, np.ones(3)).operations(new_id=str, at=0, tool="x", method="x") == ()


def test_whole_atoms_are_not_refined() -> None:
    state = first_state(atoms([0, 0, 1, 1, 2]))
    sides = sides_of_faces(state, 0, np.array([2, 3, 4, 99]))
    assert sides.tolist() == [0, 0, 1, 1, 1]
    plan = plan_split(state, 0, sides)
    assert plan.refined == () and plan.leaving == ((1, 2),)
