"""What every loaded mesh must keep, whatever its format, and what is mended if it does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from partworks.errors import Rejected
from partworks.geometry.limits import LoadLimits
from partworks.geometry.measures import face_areas, face_normals
from partworks.geometry.mesh import Float32, Mesh, MeshNode

_COPY_NAME = re.compile(r"(?i)(\b|_)(lod_?[1-9]|ucx|ubx|ucp|usp|collision|collider)(\b|_|\d)")


def check_sizes(mesh: Mesh, limits: LoadLimits) -> None:
    """Reject a mesh that passes a limit: for formats whose counts are known only when read."""
    for what, found, most in (
        ("faces", mesh.face_count, limits.max_faces),
        ("vertices", int(mesh.vertex_offsets[-1]), limits.max_vertices),
        ("nodes", len(mesh.nodes), limits.max_nodes),
    ):
        if found > most:
            raise Rejected(
                f"too_many_{what}", f"the object has {found} {what}, the limit is {most}"
            )


def mend(mesh: Mesh, warn: Callable[[str], None]) -> Mesh:
    """The mesh with broken attributes replaced; faces stay as they are.

    Nodes without faces and vertices that no face uses are left out. UVs that are not finite become
    0, colours 1; colours are clipped to [0, 1]; a normal without a direction becomes the mean of
    its vertex's faces. Faces without area stay, since they count.

    Args:
        mesh: as read; indices are known to be in range.
        warn: takes `nan_uv`, `nan_colors`, `bad_normals`, `zero_area_faces` and
            `lod_or_collision_names`.

    Raises:
        Rejected: `no_faces`, `non_finite_vertices` or `no_area`.
    """
    nodes = tuple(_mend_node(node, index, warn) for index, node in _with_faces(mesh))
    if not nodes:
        raise Rejected("no_faces", "the object has vertices and no faces")
    areas = [face_areas(node.vertices, node.faces) for node in nodes]
    if not any(area.any() for area in areas):
        raise Rejected(
            "no_area", "no face of the object has any area; all of it is a point or line"
        )
    if not all(area.all() for area in areas):
        warn("zero_area_faces")
    if any(_COPY_NAME.search(name) for node in nodes for name in (node.name, node.mesh_name)):
        warn("lod_or_collision_names")
    return replace(mesh, nodes=nodes)


def _with_faces(mesh: Mesh) -> list[tuple[int, MeshNode]]:
    return [(index, node) for index, node in enumerate(mesh.nodes) if len(node.faces)]


def _mend_node(node: MeshNode, index: int, warn: Callable[[str], None]) -> MeshNode:
    node = without_unused(node)
    finite = np.isfinite(node.vertices).all(axis=1)
    if not finite.all():
        count = int((~finite[node.faces]).any(axis=1).sum())
        raise Rejected(
            "non_finite_vertices",
            f"{count} of {len(node.faces)} faces of node {index} ({node.name[:60]!r}) use a vertex "
            "that is NaN, infinite or beyond float32",
        )
    return replace(
        node,
        uv=_finite(node.uv, 0, "nan_uv", warn),
        colors=_clipped(_finite(node.colors, 1, "nan_colors", warn)),
        normals=_sound_normals(node, warn),
    )


def without_unused(node: MeshNode) -> MeshNode:
    """The node without the vertices that no face uses; the others keep their order."""
    used = np.zeros(len(node.vertices), bool)
    used[node.faces] = True
    if used.all():
        return node
    number = np.cumsum(used, dtype=np.int32) - np.int32(1)
    return replace(
        node,
        vertices=node.vertices[used],
        faces=number[node.faces],
        uv=None if node.uv is None else node.uv[used],
        colors=None if node.colors is None else node.colors[used],
        normals=None if node.normals is None else node.normals[used],
    )


def _finite(
    values: Float32 | None, instead: float, word: str, warn: Callable[[str], None]
) -> Float32 | None:
    if values is None or np.isfinite(values).all():
        return values
    warn(word)
    return np.where(np.isfinite(values), values, np.float32(instead))


def _clipped(colors: Float32 | None) -> Float32 | None:
    return None if colors is None else np.clip(colors, np.float32(0), np.float32(1))


def _sound_normals(node: MeshNode, warn: Callable[[str], None]) -> Float32 | None:
    if node.normals is None:
        return None
    length = np.linalg.norm(node.normals.astype(np.float64), axis=1)
    sound = np.isfinite(length) & (length > 1e-6)
    if np.all(sound & (np.abs(length - 1) < 1e-3)):
        return node.normals
    normals = np.where(sound, length, 1)[:, None]
    normals = np.where(sound[:, None], node.normals / normals, 0)
    if not sound.all():
        warn("bad_normals")
        normals[~sound] = _vertex_normals(node)[~sound]
    return normals.astype(np.float32)


def _vertex_normals(node: MeshNode) -> NDArray[np.float64]:
    """(V, 3) area-weighted means of the normals of each vertex's faces, +y where there are none."""
    weighted = face_normals(node.vertices, node.faces)
    weighted *= face_areas(node.vertices, node.faces)[:, None]
    total = np.zeros((len(node.vertices), 3))
    for corner in range(3):
        np.add.at(total, node.faces[:, corner], weighted)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.where(length > 0, total / np.where(length > 0, length, 1), [0.0, 1.0, 0.0])
