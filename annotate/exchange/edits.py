"""The operations that lead from where a review stands to given parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.review.base import Base
from annotate.review.fold import step
from annotate.review.operations import Cleave, Drop, Merge, Operation, Refine, Rename
from annotate.review.runs import runs_of_faces
from annotate.review.state import State

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

DROPPED = -1
METHOD = "imported"

Stamps = Callable[[], dict[str, Any]]
"""Gives the `id`, `at` and `tool` of the next operation."""


def operations_to(
    base: Base, state: State, *, face_labels: Int32, names: Sequence[str], stamps: Stamps
) -> list[Operation]:
    """What a reviewer would have to do to get these parts; nothing where they are there already.

    Atoms that two parts share are refined, groups that hold several parts cleft, parts that are
    several groups merged; then names and drops are set. A part without a name keeps what it has.

    Args:
        state: where the review stands.
        face_labels: (F,) int32, 0…P-1, -1 = dropped.
        names: P names, empty for no opinion.
    """
    made: list[Operation] = []
    for phase in (_refinements, _cleavages, _merges, _drops, _names):
        for operation in phase(state, face_labels, names, stamps):
            state = step(base, state, operation)
            made.append(operation)
    return made


def _refinements(
    state: State, face_labels: Int32, _names: Sequence[str], stamps: Stamps
) -> Iterator[Operation]:
    """In each atom of several parts the part with most faces stays, and the others leave."""
    for atom in range(state.atom_count):
        inside = np.flatnonzero(state.atom_of_face == atom)
        found, count = np.unique(face_labels[inside], return_counts=True)
        stays = found[count.argmax()]
        for label in found[found != stays]:
            leaving = inside[face_labels[inside] == label]
            yield Refine(
                **stamps(), atom=atom, faces=runs_of_faces(leaving), method=METHOD, apart=False
            )


def _cleavages(
    state: State, face_labels: Int32, _names: Sequence[str], stamps: Stamps
) -> Iterator[Operation]:
    """In each group of several parts that of the smallest atom stays, and the others leave."""
    label = _label_of_atom(state, face_labels)
    for group in state.groups.tolist():
        atoms = state.atoms_of(group)
        leaving = [
            tuple(atoms[label[atoms] == part].tolist())
            for part in np.unique(label[atoms])
            if part != label[group]
        ]
        if leaving:
            yield Cleave(**stamps(), group=group, atoms=tuple(leaving))


def _merges(
    state: State, face_labels: Int32, _names: Sequence[str], stamps: Stamps
) -> Iterator[Operation]:
    label = _label_of_atom(state, face_labels)
    groups = state.groups
    for part in np.unique(label[groups]):
        together = groups[label[groups] == part]
        if part != DROPPED and len(together) > 1:
            yield Merge(**stamps(), groups=tuple(together.tolist()))


def _drops(
    state: State, face_labels: Int32, _names: Sequence[str], stamps: Stamps
) -> Iterator[Operation]:
    label = _label_of_atom(state, face_labels)
    for group in state.groups.tolist():
        is_wanted = label[group] == DROPPED
        if is_wanted != (group in state.dropped):
            yield Drop(**stamps(), group=group, dropped=bool(is_wanted))


def _names(
    state: State, face_labels: Int32, names: Sequence[str], stamps: Stamps
) -> Iterator[Operation]:
    label = _label_of_atom(state, face_labels)
    for group in state.groups.tolist():
        part = int(label[group])
        if part != DROPPED and names[part] and names[part] != state.names.get(group, ""):
            yield Rename(**stamps(), group=group, name=names[part])


def _label_of_atom(state: State, face_labels: Int32) -> Int64:
    """(A,) int64: the part of each atom, by any of its faces."""
    label = np.full(state.atom_count, DROPPED, np.int64)
    label[state.atom_of_face] = face_labels
    return label
