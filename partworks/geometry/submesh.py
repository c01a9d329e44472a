"""Meshes made of some faces of another, with the materials and images that those faces need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.glb import write_glb
from partworks.geometry.mesh import Material, Mesh, MeshNode, TextureRef

_TEXTURES = tuple(field.name for field in fields(Material) if field.name.endswith("_texture"))


def extract_faces(mesh: Mesh, keep: NDArray[np.bool_]) -> Mesh:
    """The mesh of the faces that `keep` marks, in their old order.

    Vertices, nodes, materials and images that these faces do not use are left out; what stays
    keeps its order. `extras` stay, with a `face_count` brought up to date.

    Args:
        mesh: the source.
        keep: (F,) bool.
    """
    _check_length(mesh, keep, what="keep")
    nodes = [
        _take(node, keep[start:stop])
        for node, start, stop in _spans(mesh)
        if keep[start:stop].any()
    ]
    return _with_nodes(mesh, nodes)


def write_parts_glb(mesh: Mesh, face_labels: NDArray[np.int32], part_names: Sequence[str]) -> bytes:
    """A GLB with one named node per part, in part order, textured as the source.

    The glTF mesh of part p is named `part_00`, `part_01`, … and has one primitive for each source
    node that the part touches; a part without faces is a node without a mesh. `read_glb` gives one
    `MeshNode` per primitive: those of one part follow one another and share `mesh_name` and `name`.

    Args:
        mesh: the object.
        face_labels: (F,) int32, part of each face, -1 = dropped.
        part_names: P names; equal names are written as they are.
    """
    _check_length(mesh, face_labels, what="face_labels")
    if face_labels.max(initial=-1) >= len(part_names) or face_labels.min(initial=0) < -1:
        raise ValueError(f"face_labels must lie in -1…{len(part_names) - 1}, one name per part")
    nodes: list[MeshNode] = []
    groups: list[tuple[str, list[int]]] = []
    for part, name in enumerate(part_names):
        pieces = [
            replace(_take(node, inside), name=name, mesh_name=f"part_{part:02d}")
            for node, start, stop in _spans(mesh)
            if (inside := face_labels[start:stop] == part).any()
        ]
        groups.append((name, list(range(len(nodes), len(nodes) + len(pieces)))))
        nodes += pieces
    return write_glb(_with_nodes(mesh, nodes), groups=groups)


def _check_length(mesh: Mesh, values: NDArray[Any], *, what: str) -> None:
    if values.shape != (mesh.face_count,):
        raise ValueError(
            f"{what} must have one entry per face, {mesh.face_count}, not {values.shape}"
        )


def _spans(mesh: Mesh) -> Iterable[tuple[MeshNode, int, int]]:
    """Each node with its range of faces."""
    offsets = mesh.face_offsets.tolist()
    return zip(mesh.nodes, offsets[:-1], offsets[1:], strict=True)


def _take(node: MeshNode, keep: NDArray[np.bool_]) -> MeshNode:
    """The node with only some of its faces, and only the vertices that these use, in old order."""
    used, faces = np.unique(node.faces[keep], return_inverse=True)
    return replace(
        node,
        vertices=node.vertices[used],
        faces=faces.reshape(-1, 3).astype(np.int32),
        uv=None if node.uv is None else node.uv[used],
        colors=None if node.colors is None else node.colors[used],
        normals=None if node.normals is None else node.normals[used],
    )


def _with_nodes(mesh: Mesh, nodes: Sequence[MeshNode]) -> Mesh:
    """`mesh` with other nodes, and the materials and images that they use."""
    used = sorted({node.material for node in nodes if node.material is not None})
    new_material = {old: new for new, old in enumerate(used)}
    materials = [mesh.materials[index] for index in used]
    images = sorted({use.image for material in materials for use in _uses(material).values()})
    new_image = {old: new for new, old in enumerate(images)}
    extras = dict(mesh.extras)
    if "face_count" in extras:
        extras["face_count"] = sum(len(node.faces) for node in nodes)
    return Mesh(
        nodes=tuple(
            node if node.material is None else replace(node, material=new_material[node.material])
            for node in nodes
        ),
        materials=tuple(_with_images(material, new_image) for material in materials),
        images=tuple(mesh.images[index] for index in images),
        extras=extras,
    )


def _uses(material: Material) -> dict[str, TextureRef]:
    """The textures that a material has, by field."""
    textures = {name: getattr(material, name) for name in _TEXTURES}
    return {name: use for name, use in textures.items() if use is not None}


def _with_images(material: Material, new_image: dict[int, int]) -> Material:
    moved = {
        name: replace(use, image=new_image[use.image]) for name, use in _uses(material).items()
    }
    return replace(material, **moved)  # type: ignore[arg-type]
