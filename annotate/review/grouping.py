"""What each kind of operation does to a state that it fits; `annotate.review.checks` sees to that.

Only what the operation says changes here; `annotate.review.fold` keeps the history.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.review.base import Base
from annotate.review.operations import (
    Assign,
    Cleave,
    Drop,
    Level,
    Merge,
    Operation,
    Redo,
    Refine,
    Rename,
    Undo,
)
from annotate.review.runs import faces_of_runs
from annotate.review.state import State


def applied(base: Base, state: State, operation: Operation) -> State:
    """The state after an operation other than undo and redo, with the history of before."""
    match operation:
        case Merge():
            return _merged(state, operation)
        case Cleave():
            return _cleft(state, operation)
        case Refine():
            return _refined(state, operation)
        case Level():
            return _levelled(base, state, operation)
        case Assign():
            return _assigned(state, operation)
        case Rename() | Drop():
            return _marked(state, operation)
        case Undo() | Redo():
            raise AssertionError("the history decides what these do")


def _marked(state: State, operation: Rename | Drop) -> State:
    if isinstance(operation, Rename):
        names = {**state.names, operation.group: operation.name}
        return replace(state, names={group: name for group, name in names.items() if name})
    one = {operation.group}
    changed = state.dropped | one if operation.dropped else state.dropped - one
    return replace(state, dropped=changed)


def _merged(state: State, operation: Merge) -> State:
    into = min(operation.groups)
    others = set(operation.groups)
    group = np.where(np.isin(state.group_of_atom, operation.groups), into, state.group_of_atom)
    names = {key: name for key, name in state.names.items() if key not in others}
    given = [state.names[key] for key in operation.groups if key in state.names]
    if given:
        names[into] = given[0]
    dropped = state.dropped - others | ({into} if others <= state.dropped else frozenset())
    return replace(state, group_of_atom=group.astype(np.int32), names=names, dropped=dropped)


def _cleft(state: State, operation: Cleave) -> State:
    label = state.group_of_atom.astype(np.int64)
    fresh = state.atom_count + np.arange(len(operation.atoms))
    for number, atoms in zip(fresh, operation.atoms, strict=True):
        label[list(atoms)] = number
    dropped = set(state.dropped)
    if operation.group in state.dropped:
        dropped.update(fresh.tolist())
    return _renumbered(state, label, names=state.names, dropped=dropped)


def _refined(state: State, operation: Refine) -> State:
    new = state.atom_count
    atom_of_face = state.atom_of_face.copy()
    atom_of_face[faces_of_runs(operation.faces)] = new
    group = int(state.group_of_atom[operation.atom])
    own = new if operation.apart else group
    inherits = operation.apart and group in state.dropped
    return replace(
        state,
        atom_of_face=atom_of_face,
        group_of_atom=np.append(state.group_of_atom, np.int32(own)),
        leaf_of_atom=np.append(state.leaf_of_atom, state.leaf_of_atom[operation.atom]),
        dropped=state.dropped | {new} if inherits else state.dropped,
    )


def _levelled(base: Base, state: State, operation: Level) -> State:
    before = state.group_of_atom
    group = base.group_at(operation.count)[state.leaf_of_atom]
    # A group is the same as before where old and new go together in one way only.
    pairs = np.unique(np.stack([before, group], axis=1), axis=0)
    olds, news = np.bincount(pairs[:, 0]), np.bincount(pairs[:, 1])
    same = {int(old) for old, new in pairs if olds[old] == 1 and news[new] == 1}
    return replace(
        state,
        group_of_atom=group,
        names={key: name for key, name in state.names.items() if key in same},
        dropped=state.dropped & same,
    )


def _assigned(state: State, operation: Assign) -> State:
    label = state.group_of_atom.astype(np.int64)
    label[list(operation.atoms)] = operation.group
    return _renumbered(state, label, names=state.names, dropped=set(state.dropped))


def _renumbered(
    state: State, label: NDArray[np.int64], *, names: Mapping[int, str], dropped: set[int]
) -> State:
    """Call each group by its smallest atom; names and drops are by `label`."""
    values, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    new: dict[int, int] = dict(zip(values.tolist(), first.tolist(), strict=True))
    group: NDArray[Any] = first[inverse]
    return replace(
        state,
        group_of_atom=group.astype(np.int32),
        names={new[key]: name for key, name in names.items() if key in new},
        dropped=frozenset(new[key] for key in dropped if key in new),
    )
