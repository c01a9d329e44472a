"""Whether an operation fits the state it meets; nothing is changed that was not checked here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from annotate.review.base import Base
from annotate.review.errors import OperationError
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

MOST_OPERATIONS = 20_000
MOST_ATOMS = 65_535
"""Labels travel in 16 bits, and the largest of them is left for faces without one."""

CODES: Mapping[str, str] = MappingProxyType(
    {
        "malformed": "a field is missing, unknown or of the wrong type",
        "unknown_kind": "there is no such operation",
        "too_large": "a list or the operation log is longer than allowed",
        "bad_name": "the name is too long or holds what cannot be shown",
        "repeated_id": "another operation has the same id",
        "unknown_group": "no group has this id now",
        "unknown_atom": "there is no such atom",
        "unknown_face": "there is no such face",
        "repeated": "something is listed twice",
        "empty": "a list is empty, or holds too little to do anything",
        "not_in_group": "an atom is not in the group",
        "whole_group": "nothing would stay in the group",
        "not_in_atom": "a face is not in the atom",
        "whole_atom": "nothing would stay in the atom",
        "too_many_atoms": "the object has as many atoms as it can",
        "bad_count": "the tree cannot be cut to so many groups",
        "no_effect": "all of it is so already",
        "nothing_to_undo": "no operation is in force",
        "nothing_to_redo": "nothing was undone since the last operation",
    }
)


def check(base: Base, state: State, operation: Operation) -> None:
    """Refuse an operation that does not fit.

    Raises:
        OperationError: with one of `CODES`.
    """
    if operation.id in state.operation_ids:
        raise OperationError("repeated_id", f"{operation.id} was there before; send a new one")
    if state.version >= MOST_OPERATIONS:
        raise OperationError("too_large", f"{MOST_OPERATIONS} operations are the most; submit")
    check_fit(base, state, operation)


def check_fit(base: Base, state: State, operation: Operation) -> None:
    """`check`, without a look at the log: whether what it names is there and can be done."""
    match operation:
        case Merge(groups=groups):
            _some(groups, least=2, what="groups")
            for group in groups:
                _known_group(state, group)
        case Cleave():
            _check_cleave(state, operation)
        case Refine():
            _check_refine(state, operation)
        case Level(count=count):
            if not 1 <= count <= base.atom_count:
                raise OperationError(
                    "bad_count", f"{count} groups of {base.atom_count} atoms; take 1 to that many"
                )
        case Assign():
            _check_assign(state, operation)
        case Rename(group=group) | Drop(group=group):
            _known_group(state, group)
        case Undo() | Redo():
            _check_history(state, operation)


def _check_history(state: State, operation: Undo | Redo) -> None:
    if isinstance(operation, Undo) and not state.can_undo:
        raise OperationError("nothing_to_undo", "no operation is in force")
    if isinstance(operation, Redo) and not state.can_redo:
        raise OperationError("nothing_to_redo", "nothing was undone since the last operation")


def _check_assign(state: State, operation: Assign) -> None:
    _known_group(state, operation.group)
    _known_atoms(state, operation.atoms)
    if (state.group_of_atom[list(operation.atoms)] == operation.group).all():
        raise OperationError("no_effect", f"group {operation.group} has these atoms already")


def _check_cleave(state: State, operation: Cleave) -> None:
    _known_group(state, operation.group)
    if not operation.atoms or not all(operation.atoms):
        raise OperationError("empty", "each new group needs an atom; leave empty lists out")
    leaving = [atom for atoms in operation.atoms for atom in atoms]
    _known_atoms(state, leaving)
    strangers = [a for a in leaving if state.group_of_atom[a] != operation.group]
    if strangers:
        raise OperationError(
            "not_in_group", f"atoms {strangers[:5]} are not in group {operation.group}"
        )
    if len(leaving) == len(state.atoms_of(operation.group)):
        raise OperationError(
            "whole_group", f"all atoms of {operation.group} would leave; leave one list out"
        )


def _check_refine(state: State, operation: Refine) -> None:
    _known_atoms(state, (operation.atom,))
    if state.atom_count >= MOST_ATOMS:
        raise OperationError("too_many_atoms", f"{MOST_ATOMS} atoms are the most")
    runs = np.asarray(operation.faces, np.int64)
    if not len(runs):
        raise OperationError("empty", "a refinement takes at least one face")
    if len(runs) % 2:
        raise OperationError("malformed", "faces are pairs of start and length; one is missing")
    starts, ends = runs[::2], runs[::2] + runs[1::2]
    if (runs[1::2] == 0).any():
        raise OperationError("empty", "a run of faces has no length")
    if ends.max() > len(state.atom_of_face):
        raise OperationError(
            "unknown_face", f"face {int(ends.max()) - 1} of {len(state.atom_of_face)}"
        )
    # Runs that touch are one; so each set of faces has one form.
    if (starts[1:] <= ends[:-1]).any():
        raise OperationError("repeated", "runs of faces must ascend and neither overlap nor touch")
    faces = faces_of_runs(operation.faces)
    if (state.atom_of_face[faces] != operation.atom).any():
        raise OperationError("not_in_atom", f"some faces are not in atom {operation.atom}")
    if len(faces) == int((state.atom_of_face == operation.atom).sum()):
        raise OperationError(
            "whole_atom", f"all faces of atom {operation.atom} would leave; cleave it instead"
        )


def _known_group(state: State, group: int) -> None:
    # A group's id is its smallest atom.
    if group >= state.atom_count or state.group_of_atom[group] != group:
        raise OperationError("unknown_group", f"no group is called {group} now; reload the object")


def _known_atoms(state: State, atoms: Sequence[int]) -> None:
    _some(atoms, least=1, what="atoms")
    unknown = [atom for atom in atoms if atom >= state.atom_count]
    if unknown:
        raise OperationError("unknown_atom", f"atoms {unknown[:5]} of {state.atom_count}")


def _some(values: Sequence[int], *, least: int, what: str) -> None:
    if len(set(values)) != len(values):
        raise OperationError("repeated", f"{what} are listed twice")
    if len(values) < least:
        raise OperationError("empty", f"{len(values)} {what}; at least {least} are needed")
