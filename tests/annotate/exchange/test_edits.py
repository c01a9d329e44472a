from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import pytest

from annotate.exchange.edits import operations_to
from annotate.review.base import Base
from annotate.review.fold import fold
from annotate.review.operations import Cleave, Drop, Merge, Operation, Refine, Rename
from annotate.review.state import State, first_state
from partworks.geometry.adjacency import number_by_first
from tests.annotate.reviewing import MERGES, PAIRS, stamp
from tests.annotate.shapes import by_node, table

MESH = table()
BASE = Base.of(by_node(MESH, MERGES))


def stamps(first: int = 1000) -> Callable[[], dict[str, Any]]:
    numbers = count(first)
    return lambda: stamp(next(numbers))


def kinds(operations: list[Operation]) -> list[type[Operation]]:
    return [type(operation) for operation in operations]


def reached(labels: np.ndarray, names: list[str], before: list[Operation]) -> State:
    """Where the operations lead, which must be the parts asked for."""
    state = fold(BASE, before) if before else first_state(BASE)
    made = operations_to(
        BASE, state, face_labels=labels.astype(np.int32), names=names, stamps=stamps()
    )
    after = fold(BASE, [*before, *made])
    found, found_names = after.parts()
    kept = labels >= 0
    assert ((found >= 0) == kept).all()
    assert (number_by_first(found[kept]) == number_by_first(labels[kept])).all()
    order = labels[kept][np.unique(found[kept], return_index=True)[1]]
    assert list(found_names) == [names[label] for label in order]
    again = operations_to(
        BASE, after, face_labels=labels.astype(np.int32), names=names, stamps=stamps(5000)
    )
    assert again == []
    return after


def test_what_is_there_already_needs_nothing() -> None:
    state = fold(BASE, PAIRS)
    labels, names = state.parts()
    assert operations_to(BASE, state, face_labels=labels, names=names, stamps=stamps()) == []


def test_whole_atoms_are_cleft_and_merged_but_never_refined() -> None:
    labels = np.asarray([0, 1, 1, 2, 2])[MESH.face_node]
    state = fold(BASE, PAIRS)
    made = operations_to(
        BASE, state, face_labels=labels.astype(np.int32), names=["", "", ""], stamps=stamps()
    )
    assert kinds(made) == [Cleave, Cleave, Merge, Merge]
    reached(labels, ["top", "front", "back"], list(PAIRS))


def test_a_part_of_an_atom_is_refined_out_of_it() -> None:
    labels = MESH.face_node.copy()
    labels[:4] = 5
    made = operations_to(
        BASE, first_state(BASE), face_labels=labels, names=[""] * 6, stamps=stamps()
    )
    assert kinds(made) == [Refine, Cleave]
    reached(labels, list("abcdef"), [])


def test_gone_faces_are_dropped_and_names_given() -> None:
    labels = np.asarray([0, -1, -1, 1, 1])[MESH.face_node].astype(np.int32)
    made = operations_to(
        BASE, first_state(BASE), face_labels=labels, names=["top", ""], stamps=stamps()
    )
    assert kinds(made) == [Merge, Drop, Drop, Rename]


def test_what_was_dropped_comes_back() -> None:
    before: list[Operation] = [Drop(**stamp(1), group=0, dropped=True)]
    reached(MESH.face_node, list("abcde"), before)


@pytest.mark.parametrize("seed", range(20))
def test_any_parts_are_reached_from_anywhere(seed: int) -> None:
    random = np.random.default_rng(seed)
    labels = number_by_first(random.integers(0, 4, MESH.face_count)).astype(np.int32)
    if seed % 2:
        labels[labels == 1] = -1
        labels[labels > 1] -= 1
    names = [f"part {number}" for number in range(int(labels.max()) + 1)]
    reached(labels, names, list(PAIRS) if seed % 3 else [])
