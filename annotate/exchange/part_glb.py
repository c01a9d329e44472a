"""Parts as a GLB with one node each, to be edited elsewhere, and back.

In Blender, say, parts are renamed, joined, separated or deleted; the surface itself must stay as it
is. Coming back, each face is found by where its corners are, whatever became of the order of nodes,
faces and vertices on the way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partworks.errors import Rejected, UsageError
from partworks.geometry.face_match import face_keys, fill_flat, is_flat, match_labels
from partworks.geometry.load import load_mesh
from partworks.geometry.mesh import Mesh

Bool = NDArray[np.bool_]
Int32 = NDArray[np.int32]

_COPY = re.compile(r"\.\d{3,}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedParts:
    """What somebody made of an object's parts.

    Attributes:
        face_labels: (F,) int32 in the object's numbering, 0…P-1, -1 for faces that are gone.
        names: P names, as the nodes are called.
    """

    face_labels: Int32
    names: tuple[str, ...]


def read_parts_glb(mesh: Mesh, data: bytes, *, may_drop: bool = False) -> EditedParts:
    """Find an object's faces in a GLB of its parts.

    Each node is a part; nodes that share name and mesh are one. A node that is called like another
    but for a number behind a dot, as Blender tells copies apart, has that one's name. Faces without
    area or with a twin in the same place, which tools leave out silently, may be missing: they go
    where the twin goes, or the face next to them by number.

    Args:
        mesh: the object.
        data: the file.
        may_drop: faces that are missing are dropped; without this they are an error.

    Raises:
        UsageError: the file cannot be read, or its surface is not the object's; it says what
            changed and where.
    """
    try:
        edited = load_mesh(data, "glb").mesh
    except Rejected as error:
        raise UsageError(f"the file cannot be read: {error.message}") from error
    keys, edited_keys = face_keys(mesh, edited)
    node_part, names = _parts_of_nodes(edited)
    labels = match_labels(keys, edited_keys, np.asarray(node_part, np.int32)[edited.face_node])
    strange = ~np.isin(edited_keys, keys)
    if strange.any():
        raise UsageError(_what_is_new(edited, strange))
    missing = (labels < 0) & ~is_flat(mesh)
    if missing.any() and not may_drop:
        raise UsageError(
            f"{int(missing.sum())} of {mesh.face_count} faces are missing in the file; bring the "
            "parts back that were deleted, or say --drop-missing to drop them"
        )
    return EditedParts(face_labels=fill_flat(labels, is_flat(mesh)), names=names)


def _parts_of_nodes(edited: Mesh) -> tuple[list[int], tuple[str, ...]]:
    """The part of each node, by first node, and the names of the parts."""
    numbers: dict[tuple[str, str], int] = {}
    parts = [numbers.setdefault((node.name, node.mesh_name), len(numbers)) for node in edited.nodes]
    given = {name for name, _ in numbers}
    return parts, tuple(_original(name, given) for name, _ in numbers)


def _original(name: str, given: set[str]) -> str:
    plain = _COPY.sub("", name)
    return plain if plain in given else name


def _what_is_new(edited: Mesh, strange: Bool) -> str:
    per_node = np.bincount(edited.face_node[strange], minlength=len(edited.nodes))
    worst = np.argsort(-per_node, kind="stable")[:3]
    where = ", ".join(_counted(edited, int(node), per_node) for node in worst if per_node[node])
    return (
        f"the mesh was changed: {int(strange.sum())} of {edited.face_count} faces are not where "
        f"the object has any ({where}); undo what moved, added or remeshed them, and assign, "
        "rename, join or separate parts only"
    )


def _counted(edited: Mesh, node: int, per_node: Sequence[int] | NDArray[np.int64]) -> str:
    return f"{int(per_node[node])} in {edited.nodes[node].name or f'node {node}'!r}"
