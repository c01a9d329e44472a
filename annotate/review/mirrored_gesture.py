"""The last gesture of a review, made on the other side of the object too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotate.review.base import Base
from annotate.review.fold import fold, gesture_length, step
from annotate.review.mirror import Mirroring, MirrorPlane, mirrored_sides
from annotate.review.operations import Cleave, Operation, Refine
from annotate.review.split.plan import plan_split
from annotate.review.state import State
from annotate.review.surface import ReviewSurface

Int64 = NDArray[np.int64]

TOOL = "mirror"


def mirrored_gesture(
    base: Base,
    surface: ReviewSurface,
    planes: Sequence[MirrorPlane],
    state: State,
    *,
    new_id: Callable[[], str],
    at: int,
) -> tuple[Operation, ...]:
    """What the last gesture in force would be on the other side; nothing where it has no twin.

    The planes are asked in order, and the first that has an answer gives it: asking again, after a
    mirrored edit, goes on to the other planes, so that one leg of four brings the other three.

    Args:
        planes: of symmetry, best first.
        state: after the gesture.
        new_id: gives a fresh UUID.
        at: the operations' time; with `TOOL` as their tool one undo takes them back.
    """
    length = gesture_length(state)
    if length == 0:
        return ()
    gesture = state.done[-length:]
    before = fold(base, state.done[:-length])
    for plane in planes:
        mirroring = Mirroring(base=base, surface=surface, plane=plane, new_id=new_id)
        if any(isinstance(operation, Refine) for operation in gesture):
            found = _split(state, gesture, plane, new_id=new_id, at=at)
        else:
            found = tuple(_each(mirroring, before, gesture, state))
        if found:
            return tuple(replace(operation, at=at, tool=TOOL) for operation in found)
    return ()


def _each(
    mirroring: Mirroring, before: State, gesture: Sequence[Operation], after: State
) -> list[Operation]:
    """The twin of each operation, where it has one that still fits after those before it."""
    found: list[Operation] = []
    for operation in gesture:
        twin = mirroring.mirrored(before, operation, after)
        before = step(mirroring.base, before, operation)
        if twin is not None:
            found.append(twin)
            after = step(mirroring.base, after, twin)
    return found


def _split(
    state: State,
    gesture: Sequence[Operation],
    plane: MirrorPlane,
    *,
    new_id: Callable[[], str],
    at: int,
) -> tuple[Operation, ...]:
    """The split on the other side that answers to one through segments."""
    leaving = _left(state, gesture)
    found = mirrored_sides(state, leaving, plane) if leaving else None
    if found is None:
        return ()
    group, sides = found
    plan = plan_split(state, group, sides)
    return plan.operations(new_id=new_id, at=at, tool=TOOL, method=TOOL)


def _left(state: State, gesture: Sequence[Operation]) -> list[Int64]:
    """The faces of each group that a gesture has made."""
    made = {
        int(state.group_of_atom[atoms[0]])
        for operation in gesture
        if isinstance(operation, Cleave)
        for atoms in operation.atoms
    }
    return [np.flatnonzero(state.group_of_face == group) for group in sorted(made)]
