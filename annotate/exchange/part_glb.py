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
from scipy.spatial import cKDTree

from partworks.errors import Rejected, UsageError
from partworks.geometry.adjacency import weld_vertices
from partworks.geometry.load import load_mesh
from partworks.geometry.mesh import Mesh

Bool = NDArray[np.bool_]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

TOLERANCE = 1e-5
"""How far a corner may have moved, of the longest side: what float32 transforms may do to it."""

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
    keys, edited_keys = _face_keys(mesh, edited)
    node_part, names = _parts_of_nodes(edited)
    labels = _matched(keys, edited_keys, np.asarray(node_part, np.int32)[edited.face_node])
    strange = ~np.isin(edited_keys, keys)
    if strange.any():
        raise UsageError(_what_is_new(edited, strange))
    missing = (labels < 0) & ~_is_flat(mesh)
    if missing.any() and not may_drop:
        raise UsageError(
            f"{int(missing.sum())} of {mesh.face_count} faces are missing in the file; bring the "
            "parts back that were deleted, or say --drop-missing to drop them"
        )
    return EditedParts(face_labels=_fill_flat(labels, _is_flat(mesh)), names=names)


def _face_keys(mesh: Mesh, edited: Mesh) -> tuple[Int64, Int64]:
    """A number for each face of both, the same where the corners are, whatever their order.

    Corners of `edited` are looked up among those of `mesh`; those that are nowhere near one are
    numbered apart from all of them.
    """
    place = weld_vertices(mesh.vertices)
    points = mesh.vertices[np.unique(place, return_index=True)[1]].astype(np.float64)
    extent = float(np.ptp(points, axis=0).max()) or 1.0
    near, found = cKDTree(points).query(
        edited.vertices.astype(np.float64), distance_upper_bound=TOLERANCE * extent
    )
    strangers = len(points) + np.arange(len(edited.vertices))
    found = np.where(np.isfinite(near), found, strangers)
    both = np.concatenate([place[mesh.faces].astype(np.int64), found[edited.faces]])
    _, key = np.unique(np.sort(both, axis=1), axis=0, return_inverse=True)
    key = key.reshape(-1).astype(np.int64)
    return key[: mesh.face_count], key[mesh.face_count :]


def _parts_of_nodes(edited: Mesh) -> tuple[list[int], tuple[str, ...]]:
    """The part of each node, by first node, and the names of the parts."""
    numbers: dict[tuple[str, str], int] = {}
    parts = [numbers.setdefault((node.name, node.mesh_name), len(numbers)) for node in edited.nodes]
    given = {name for name, _ in numbers}
    return parts, tuple(_original(name, given) for name, _ in numbers)


def _original(name: str, given: set[str]) -> str:
    plain = _COPY.sub("", name)
    return plain if plain in given else name


def _matched(keys: Int64, edited_keys: Int64, edited_labels: Int32) -> Int32:
    """(F,) int32: the label of the edited face with the same key, -1 where there is none.

    Faces in one place are matched by number; those that are left over go with the first of them.
    """
    order = np.argsort(edited_keys, kind="stable")
    ordered = edited_keys[order]
    start = np.searchsorted(ordered, keys)
    count = np.searchsorted(ordered, keys, side="right") - start
    rank = _rank_among_equals(keys)
    chosen = start + np.where(rank < count, rank, 0)
    labels = np.full(len(keys), -1, np.int32)
    there = count > 0
    labels[there] = edited_labels[order[chosen[there]]]
    return labels


def _rank_among_equals(values: Int64) -> Int64:
    """(N,) int64: how many equal values come before each."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    first = np.searchsorted(ordered, ordered)
    rank = np.zeros(len(values), np.int64)
    rank[order] = np.arange(len(values)) - first
    return rank


def _is_flat(mesh: Mesh) -> Bool:
    """(F,) bool: faces with two corners in one place, which tools leave out."""
    place = weld_vertices(mesh.vertices)[mesh.faces]
    flat: Bool = (place == np.roll(place, 1, axis=1)).any(axis=1)
    return flat


def _fill_flat(labels: Int32, flat: Bool) -> Int32:
    """Give faces without area that are missing the label of the last face before them."""
    lost = flat & (labels < 0)
    if not lost.any() or lost.all():
        return labels
    source = np.where(lost, -1, np.arange(len(labels)))
    before = np.maximum.accumulate(source)
    first = int(np.flatnonzero(~lost)[0])
    filled: Int32 = labels[np.where(before < 0, first, before)]
    return filled


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
