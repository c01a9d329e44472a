"""A mesh in pieces, one per part and node, so that hiding the rest shows a part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.parts import Parts
from partworks.geometry.coincident import CoincidentFaces
from partworks.geometry.measures import face_areas
from partworks.geometry.mesh import Mesh
from render.subject import WHOLE

NEVER = -9
"""The kind of faces that are never seen."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Piece:
    """The faces that one node has in one part.

    Attributes:
        node: the node's number.
        faces: (f,) int64, of the node.
        label: the part's number, or -1 for dropped faces.
        covered: its faces lie exactly on faces of another part.
    """

    node: int
    faces: NDArray[np.int64]
    label: int
    covered: bool

    def belongs(self, part: int) -> bool:
        """Whether it is in the pictures of a part, or of `WHOLE`.

        Two faces in one place shade one another black, so that covered ones are shown without
        those that cover them only.
        """
        return not self.covered if part == WHOLE else self.label == part


def cut_pieces(mesh: Mesh, parts: Parts) -> Iterator[Piece]:
    """The pieces of all that can be seen, node by node."""
    kind = _kinds(mesh, parts)
    for node in range(len(mesh.nodes)):
        start, stop = mesh.face_offsets[node : node + 2]
        own = kind[start:stop]
        for each in np.unique(own[own != NEVER]):
            yield Piece(
                node=node,
                faces=np.flatnonzero(own == each),
                label=int(each // 2),
                covered=bool(each % 2),
            )


def _kinds(mesh: Mesh, parts: Parts) -> NDArray[np.int64]:
    """(F,) twice the label of each face, one more where it is covered; NEVER where not to show."""
    labels = parts.face_labels.astype(np.int64)
    first_of = CoincidentFaces(mesh.vertices, mesh.faces).first_of
    covered = labels != labels[first_of]
    _, first_in_part = np.unique(first_of * (parts.count + 1) + labels, return_index=True)
    never = np.ones(len(labels), bool)
    never[first_in_part] = False
    # Blender asserts on faces that use a vertex twice; those without area are never seen anyway.
    never |= face_areas(mesh.vertices, mesh.faces) == 0
    return np.where(never, NEVER, 2 * labels + covered)
