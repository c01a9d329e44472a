"""Replay, undo, redo, and the algebra of merges and cleaves."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotate.review.base import Base
from annotate.review.digest import canonical_bytes, state_hash
from annotate.review.errors import OperationError
from annotate.review.fold import fold, gesture_length, stacks, step
from annotate.review.operations import Operation
from annotate.review.state import State, first_state
from tests.annotate.review.naive import Naive
from tests.annotate.review.objects import after, say, six
from tests.annotate.review.strategies import logs

QUICK = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
Log = tuple[Base, list[Operation]]


def groups(state: State) -> dict[int, list[int]]:
    return {int(group): state.atoms_of(group).tolist() for group in state.groups}


@QUICK
@given(logs())
def test_arrays_do_what_sets_do(log: Log) -> None:
    start, operations = log
    naive, state = Naive.of(start), first_state(start)
    for operation in operations:
        naive.do(operation)
        state = step(start, state, operation)
        assert {g: set(atoms) for g, atoms in groups(state).items()} == naive.groups()
        assert state_hash(state) == naive.hash()


@QUICK
@given(logs())
def test_folding_is_replaying(log: Log) -> None:
    start, operations = log
    state = first_state(start)
    for operation in operations:
        state = step(start, state, operation)
    folded = fold(start, operations)
    assert canonical_bytes(folded) == canonical_bytes(state)
    assert (folded.version, folded.done, folded.undone) == (
        len(operations),
        state.done,
        state.undone,
    )
    assert folded.operation_ids == state.operation_ids
    kept, _ = stacks(operations)
    assert state_hash(fold(start, kept)) == state_hash(folded)


@QUICK
@given(logs(), st.integers(0, 20))
def test_undoing_and_redoing_as_often_changes_nothing(log: Log, depth: int) -> None:
    start, operations = log
    state = fold(start, operations)
    depth = min(depth, len(state.done))
    more = [say("undo", 100 + n) for n in range(depth)]
    undone = fold(start, [*operations, *more])
    assert state_hash(undone) == state_hash(fold(start, state.done[: len(state.done) - depth]))
    back = fold(start, [*operations, *more, *(say("redo", 200 + n) for n in range(depth))])
    assert canonical_bytes(back) == canonical_bytes(state)
    assert (back.done, back.undone) == (state.done, state.undone)


@QUICK
@given(logs())
def test_labels_are_always_a_partition(log: Log) -> None:
    start, operations = log
    state = fold(start, operations)
    assert (np.bincount(state.atom_of_face, minlength=state.atom_count) > 0).all()
    first = [int(np.flatnonzero(state.group_of_atom == g)[0]) for g in state.group_of_atom]
    assert first == state.group_of_atom.tolist()
    assert set(state.names) | state.dropped <= set(state.groups.tolist())
    # A refinement never leaves its segment.
    assert (state.leaf_of_atom[state.atom_of_face] == start.atom_of_face).all()
    labels, names = state.parts()
    kept = labels[labels >= 0]
    assert len(names) == len(np.unique(kept)) == len(state.groups) - len(state.dropped)
    assert ((labels < 0) == np.isin(state.group_of_face, list(state.dropped))).all()


@QUICK
@given(logs(), st.data())
def test_a_cleave_takes_a_merge_back(log: Log, data: st.DataObject) -> None:
    start, operations = log
    state = fold(start, operations)
    if len(state.groups) < 2:
        return
    chosen = sorted(data.draw(st.permutations(state.groups.tolist()))[:3])
    atoms = [state.atoms_of(group).tolist() for group in chosen]
    merged = step(start, state, say("merge", 500, groups=chosen))
    assert merged.atoms_of(chosen[0]).tolist() == sorted(itertools.chain(*atoms))
    cleft = step(start, merged, say("cleave", 501, group=chosen[0], atoms=atoms[1:]))
    assert cleft.group_of_atom.tolist() == state.group_of_atom.tolist()


@QUICK
@given(logs(), st.data())
def test_the_order_of_merges_does_not_matter(log: Log, data: st.DataObject) -> None:
    start, operations = log
    state = fold(start, operations)
    if len(state.groups) < 3:
        return
    a, b, c = sorted(data.draw(st.permutations(state.groups.tolist()))[:3])
    one = step(start, state, say("merge", 500, groups=[a, b, c]))
    two = step(start, state, say("merge", 501, groups=[c, b]))
    two = step(start, two, say("merge", 502, groups=[b, a]))
    assert one.group_of_atom.tolist() == two.group_of_atom.tolist()
    assert one.dropped == two.dropped


def test_a_review_starts_with_the_tree_at_its_default_height() -> None:
    assert groups(first_state(six())) == {0: [0, 1], 2: [2, 3], 4: [4], 5: [5]}


def test_the_name_of_a_merge_is_the_first_that_was_listed() -> None:
    named = [
        {"kind": "rename", "group": 0, "name": "leg"},
        {"kind": "rename", "group": 4, "name": "seat"},
    ]
    assert after(six(), *named, {"kind": "merge", "groups": [4, 0]}).names == {0: "seat"}
    assert after(six(), *named, {"kind": "merge", "groups": [5, 0, 4]}).names == {0: "leg"}


def test_a_name_stays_with_what_stays() -> None:
    state = after(
        six(),
        {"kind": "rename", "group": 0, "name": "leg"},
        {"kind": "cleave", "group": 0, "atoms": [[0]]},
    )
    assert groups(state)[0] == [0] and state.names == {1: "leg"}


def test_a_merge_is_dropped_if_all_of_it_was_and_a_cleave_inherits() -> None:
    drop = [{"kind": "drop", "group": g, "dropped": True} for g in (0, 4)]
    assert after(six(), *drop, {"kind": "merge", "groups": [4, 0]}).dropped == {0}
    assert after(six(), *drop, {"kind": "merge", "groups": [4, 2]}).dropped == {0}
    assert after(six(), *drop, {"kind": "cleave", "group": 0, "atoms": [[1]]}).dropped == {0, 1, 4}
    apart = {"kind": "refine", "atom": 4, "faces": [11, 1], "method": "brush", "apart": True}
    assert after(six(), *drop, apart).dropped == {0, 4, 6}


def test_the_slider_keeps_the_names_of_what_it_does_not_change() -> None:
    state = after(
        six(),
        {"kind": "rename", "group": 5, "name": "ball"},
        {"kind": "rename", "group": 4, "name": "seat"},
        {"kind": "drop", "group": 0, "dropped": True},
        {"kind": "level", "count": 3},
    )
    assert groups(state) == {0: [0, 1], 2: [2, 3, 4], 5: [5]}
    assert state.names == {5: "ball"} and state.dropped == {0}


def test_the_slider_takes_refined_atoms_along() -> None:
    refine = {"kind": "refine", "atom": 4, "faces": [12, 2], "method": "brush", "apart": True}
    state = after(six(), refine, {"kind": "level", "count": 6})
    assert groups(state) == {0: [0], 1: [1], 2: [2], 3: [3], 4: [4, 6], 5: [5]}
    assert np.flatnonzero(state.atom_of_face == 6).tolist() == [12, 13]


def test_a_new_operation_forgets_what_was_undone() -> None:
    log = [
        say("merge", 0, groups=[0, 2]),
        say("undo", 1),
        say("merge", 2, groups=[4, 5]),
    ]
    state = fold(six(), log)
    assert state.done == (log[2],) and not state.can_redo
    with pytest.raises(OperationError, match="nothing_to_redo"):
        step(six(), state, say("redo", 3))


def test_two_operations_with_one_id_are_refused() -> None:
    with pytest.raises(OperationError) as found:
        fold(six(), [say("level", 1, count=2), say("level", 1, count=3)])
    assert found.value.code == "repeated_id"


def test_a_gesture_is_what_one_tool_did_at_one_time() -> None:
    log = [
        say("merge", 0, groups=[0, 2], at=5),
        say("refine", 1, atom=0, faces=[0, 1], method="brush", tool="brush", at=7),
        say("refine", 2, atom=2, faces=[5, 1], method="brush", tool="brush", at=7),
    ]
    assert gesture_length(fold(six(), log)) == 2
    assert gesture_length(fold(six(), log[:1])) == 1
    assert gesture_length(first_state(six())) == 0


def test_parts_are_numbered_by_first_face_without_what_is_dropped() -> None:
    state = after(
        six(),
        {"kind": "drop", "group": 0, "dropped": True},
        {"kind": "rename", "group": 4, "name": "seat"},
    )
    labels, names = state.parts()
    assert labels.tolist() == [-1] * 5 + [0] * 6 + [1] * 3 + [2, -1]
    assert names == ("", "seat", "")
