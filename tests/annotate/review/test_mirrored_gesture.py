"""What was done last is done on the other side, plane by plane."""

import uuid
from itertools import count

import numpy as np

from annotate.review.base import Base
from annotate.review.fold import fold, gesture_length, step
from annotate.review.mirror import find_mirror_planes
from annotate.review.mirrored_gesture import TOOL, mirrored_gesture
from annotate.review.operations import Operation
from annotate.review.split.plan import plan_split, sides_of_faces
from annotate.review.state import State, first_state
from annotate.review.surface import read_surface
from tests.annotate.review.made import atoms
from tests.annotate.review.objects import say
from tests.annotate.shapes import table

MESH = table()  # a top, and legs 1 and 2, 3 and 4 left and right
SURFACE = read_surface(MESH)
PLANES = find_mirror_planes(SURFACE, generator=np.random.default_rng(0))
LEGS = atoms(MESH.face_node, default_height=0.0)
ONE = atoms(np.zeros_like(MESH.face_node))


def asked(base: Base, state: State, *, number: int = 0) -> tuple[Operation, ...]:
    numbers = count(1000 * (number + 1))
    return mirrored_gesture(
        base,
        SURFACE,
        PLANES,
        state,
        new_id=lambda: str(uuid.UUID(int=next(numbers))),
        at=10**6 + number,
    )


def after(base: Base, state: State, operations: tuple[Operation, ...]) -> State:
    for operation in operations:
        state = step(base, state, operation)
    return state


def leg_cut_out(state: State, leg: int) -> tuple[Operation, ...]:
    faces = np.flatnonzero(MESH.face_node == leg)
    numbers = count(1)
    return plan_split(state, 0, sides_of_faces(state, 0, faces)).operations(
        new_id=lambda: str(uuid.UUID(int=next(numbers))), at=1, tool="brush", method="brush"
    )


def test_one_leg_cut_out_of_a_segment_brings_the_other_three() -> None:
    state = first_state(ONE)
    state = after(ONE, state, leg_cut_out(state, 1))
    for number in range(3):
        made = asked(ONE, state, number=number)
        assert made
        state = after(ONE, state, made)
    parts = {tuple(np.flatnonzero(state.group_of_face == group)) for group in state.groups}
    assert parts == {tuple(np.flatnonzero(MESH.face_node == node)) for node in range(5)}
    assert asked(ONE, state, number=3) == ()


def test_all_that_is_mirrored_is_one_gesture_of_its_own() -> None:
    state = first_state(ONE)
    state = after(ONE, state, leg_cut_out(state, 1))
    made = asked(ONE, state)
    assert len(made) == 2 and {one.tool for one in made} == {TOOL}
    assert gesture_length(after(ONE, state, made)) == len(made)


def test_several_names_of_a_gesture_are_all_mirrored() -> None:
    state = first_state(LEGS)
    for number, (group, name) in enumerate([(1, "front left leg"), (3, "back left leg")]):
        state = step(LEGS, state, say("rename", number, group=group, name=name))
    assert gesture_length(state) == 2
    state = after(LEGS, state, asked(LEGS, state))
    assert state.names == {
        1: "front left leg",
        2: "front right leg",
        3: "back left leg",
        4: "back right leg",
    }


def test_what_was_undone_is_not_mirrored() -> None:
    drop = say("drop", 0, group=1, dropped=True)
    state = fold(LEGS, [drop, say("undo", 1)])
    assert asked(LEGS, state) == ()
    state = fold(LEGS, [drop, say("undo", 1), say("drop", 2, group=3, dropped=True)])
    assert after(LEGS, state, asked(LEGS, state)).dropped == {3, 4}


def test_a_part_of_a_part_is_no_twin() -> None:
    """Legs 2 and 4 are one part: legs 1 and 3 answer to it together, neither does alone."""
    state = fold(LEGS, [say("merge", 0, groups=[2, 4]), say("merge", 1, groups=[1, 3], at=1)])
    assert asked(LEGS, state) == ()


def test_nothing_was_done_yet() -> None:
    assert asked(LEGS, first_state(LEGS)) == ()
