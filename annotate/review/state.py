"""Where a review stands: which atom each face is in, and which group each atom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotate.review.base import Base
from annotate.review.operations import Operation
from annotate.review.runs import runs_of_labels
from partworks.geometry.adjacency import number_by_first

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """What a list of operations makes of a base; nobody edits it.

    Attributes:
        atom_of_face: (F,) int32.
        group_of_atom: (A,) int32, the smallest atom of each atom's group.
        leaf_of_atom: (A,) int32, the segment that each atom is, or is a refinement of.
        names: group -> name, of those that have one.
        dropped: groups that are left out of the result.
        version: how many operations there were, undo and redo among them.
        done: the operations in force, oldest first.
        undone: those that redo brings back, the next one last.
        operation_ids: of all operations.
    """

    atom_of_face: Int32
    group_of_atom: Int32
    leaf_of_atom: Int32
    names: Mapping[int, str] = field(default_factory=dict)
    dropped: frozenset[int] = frozenset()
    version: int = 0
    done: tuple[Operation, ...] = ()
    undone: tuple[Operation, ...] = ()
    operation_ids: frozenset[str] = frozenset()

    @property
    def can_undo(self) -> bool:
        """Whether an operation is in force."""
        return bool(self.done)

    @property
    def can_redo(self) -> bool:
        """Whether an operation was undone since the last other one."""
        return bool(self.undone)

    @property
    def atom_count(self) -> int:
        """A."""
        return len(self.group_of_atom)

    @property
    def groups(self) -> Int64:
        """(G,) int64: the ids of the groups, ascending."""
        return np.unique(self.group_of_atom).astype(np.int64)

    @property
    def atom_runs(self) -> Int64:
        """(R, 2) int64: atom and length of the maximal runs of `atom_of_face`."""
        return runs_of_labels(self.atom_of_face)

    @property
    def group_of_face(self) -> Int32:
        """(F,) int32: the group of each face, dropped ones included."""
        return self.group_of_atom[self.atom_of_face]

    def atoms_of(self, group: int) -> Int64:
        """(K,) int64: the atoms of a group, ascending; none if there is no such group."""
        return np.flatnonzero(self.group_of_atom == group)

    def parts(self) -> tuple[Int32, tuple[str, ...]]:
        """What becomes of the faces: labels and names.

        Returns:
            (F,) int32 labels, numbered by first face, -1 where dropped; and the name of each label,
            empty where nobody gave one.
        """
        group = self.group_of_face
        kept = ~np.isin(group, list(self.dropped))
        labels = np.full(len(group), -1, np.int32)
        labels[kept] = number_by_first(group[kept])
        _, first = np.unique(labels[kept], return_index=True)
        return labels, tuple(self.names.get(int(found), "") for found in group[kept][first])


def first_state(base: Base) -> State:
    """Before any operation: the tree cut at its default height."""
    return State(
        atom_of_face=base.atom_of_face,
        group_of_atom=base.group_at(base.default_count),
        leaf_of_atom=np.arange(base.atom_count, dtype=np.int32),
    )
