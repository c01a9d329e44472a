"""From sides of faces to the operations that bring them about.

Whatever a tool does ends as this: a side for each face of a group. Atoms that lie on one side move
whole; those across a border are refined first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.review.operations import Cleave, Operation, Refine
from annotate.review.runs import runs_of_faces
from annotate.review.state import State

Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SplitPlan:
    """What has to be done to a group.

    Attributes:
        group: its id.
        refined: atoms across a border with the faces that leave each, in order; the n-th makes atom
            A + n out of them, where A is the number of atoms before.
        leaving: for each new group its atoms, new ones among them; empty where nothing is split.
    """

    group: int
    refined: tuple[tuple[int, Int64], ...]
    leaving: tuple[tuple[int, ...], ...]

    def operations(
        self, *, new_id: Callable[[], str], at: int, tool: str, method: str
    ) -> tuple[Operation, ...]:
        """One gesture: all have the same `at` and `tool`, so that one undo can take them back.

        Args:
            new_id: gives a fresh UUID.
            at, tool, method: as in the operations.
        """
        if not self.leaving:
            return ()
        refines = [
            Refine(
                id=new_id(), at=at, tool=tool, atom=atom, faces=runs_of_faces(faces), method=method
            )
            for atom, faces in self.refined
        ]
        return (
            *refines,
            Cleave(id=new_id(), at=at, tool=tool, group=self.group, atoms=self.leaving),
        )


def plan_split(state: State, group: int, sides: NDArray[Any]) -> SplitPlan:
    """Split a group by sides of its faces.

    Args:
        group: a group of the state.
        sides: (K,) int, a side for each of the group's faces in ascending order of faces. The
            faces of the smallest side stay in the group.
    """
    faces = np.flatnonzero(state.group_of_face == group)
    _, side = np.unique(sides, return_inverse=True)
    assert side.shape == faces.shape
    atom = state.atom_of_face[faces].astype(np.int64)
    pairs = np.unique(np.stack([atom, side], axis=1), axis=0)
    leaving: list[list[int]] = [[] for _ in range(int(side.max(initial=0)) + 1)]
    refined: list[tuple[int, Int64]] = []
    for row, (owner, where) in enumerate(pairs.tolist()):
        # The first side of an atom keeps its number, further ones become atoms of their own.
        if row and pairs[row - 1, 0] == owner:
            leaving[where].append(state.atom_count + len(refined))
            refined.append((owner, faces[(atom == owner) & (side == where)]))
        else:
            leaving[where].append(owner)
    return SplitPlan(
        group=group, refined=tuple(refined), leaving=tuple(tuple(a) for a in leaving[1:])
    )


def sides_of_faces(state: State, group: int, chosen: NDArray[Any]) -> Int64:
    """(K,) int64: side 1 for the group's faces that are among `chosen`, 0 for the others.

    What a brush, a lasso or a plane has caught of other groups is passed over.
    """
    faces = np.flatnonzero(state.group_of_face == group)
    return np.isin(faces, chosen).astype(np.int64)
