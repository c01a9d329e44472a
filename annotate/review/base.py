"""What a review starts from: atoms and the merge tree over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.segments import Segments

Int32 = NDArray[np.int32]
Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Base:
    """The over-segmentation of one object, immutable during its review.

    Attributes:
        atom_of_face: (F,) int32, 0…S-1; every atom has a face.
        children: (S - 1, 2) int32; row k makes inner node S + k out of two earlier nodes.
        heights: (S - 1,) float64, not falling.
        default_height: what is merged up to it is one group at the start.
    """

    atom_of_face: Int32
    children: Int32
    heights: Float64
    default_height: float

    def __post_init__(self) -> None:
        count = len(self.heights) + 1
        faces = np.bincount(self.atom_of_face, minlength=count)
        if len(faces) != count or (faces == 0).any():
            raise ValueError(
                f"a tree of {count} atoms needs faces of each of them; found "
                f"{int((faces > 0).sum())} atoms with faces, the last is {len(faces) - 1}"
            )
        nodes = count + np.arange(count - 1)
        if self.children.shape != (count - 1, 2) or (self.children >= nodes[:, None]).any():
            raise ValueError("the merge tree must make each node of two earlier ones")
        if len(np.unique(self.children)) != self.children.size or (self.children < 0).any():
            raise ValueError("the merge tree must use each node once")
        if (np.diff(self.heights) < 0).any():
            raise ValueError("heights of the merge tree must not fall")

    @property
    def atom_count(self) -> int:
        """S, the number of atoms before any is refined."""
        return len(self.heights) + 1

    @property
    def face_count(self) -> int:
        """F."""
        return len(self.atom_of_face)

    @property
    def default_count(self) -> int:
        """How many groups there are at the start: one more than heights above the default."""
        return int((self.heights > self.default_height).sum()) + 1

    @classmethod
    def of(cls, segments: Segments) -> Base:
        """The base of an artefact of the segment stage."""
        return cls(
            atom_of_face=segments.face_labels,
            children=segments.merge_children,
            heights=segments.merge_height.astype(np.float64),
            default_height=segments.default_height,
        )

    @classmethod
    def from_json(cls, atom_of_face: NDArray[Any], tree: Mapping[str, Any]) -> Base:
        """The base of labels and a tree `{children, heights, default_height}` as it is sent."""
        return cls(
            atom_of_face=np.asarray(atom_of_face, np.int32),
            children=np.asarray(tree["children"], np.int32).reshape(-1, 2),
            heights=np.asarray(tree["heights"], np.float64),
            default_height=float(tree["default_height"]),
        )

    def tree_to_json(self) -> dict[str, Any]:
        """The tree as it is sent; numbers survive JSON exactly."""
        return {
            "children": self.children.tolist(),
            "heights": self.heights.tolist(),
            "default_height": self.default_height,
        }

    def group_at(self, count: int) -> Int32:
        """(S,) int32: the smallest atom of each atom's group, of `count` groups.

        The first S - count rows of the tree are merged.
        """
        atoms = self.atom_count
        smallest = np.arange(2 * atoms - 1, dtype=np.int32)
        merged = atoms - count
        parent = np.arange(2 * atoms - 1)
        for row in range(merged):
            left, right = self.children[row]
            parent[left] = parent[right] = atoms + row
            smallest[atoms + row] = min(smallest[left], smallest[right])
        for node in range(atoms + merged - 1, -1, -1):  # parents come after their children
            parent[node] = parent[parent[node]]
        group: Int32 = smallest[parent[:atoms]]
        return group
