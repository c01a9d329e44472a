"""A mesh without what gives the answer away, for truths that come from the node tree."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.mesh import Mesh, MeshNode


def without_nodes(mesh: Mesh) -> tuple[Mesh, NDArray[np.int64]]:
    """One nameless object out of all nodes, with its materials: what a segmenter may see.

    A node has one material, so there is one for each; they follow one another and have no names,
    which says that they were one.

    Returns:
        The mesh, and (F,) int64: the old face of each new one.
    """
    order = np.argsort(mesh.face_material, kind="stable")
    materials = sorted({-1 if node.material is None else node.material for node in mesh.nodes})
    nodes = [
        _joined([node for node in mesh.nodes if node.material == (None if m < 0 else m)])
        for m in materials
    ]
    return replace(mesh, nodes=tuple(node for node in nodes if len(node.faces))), order


def _joined(nodes: list[MeshNode]) -> MeshNode:
    starts = np.cumsum([0, *(len(node.vertices) for node in nodes)])
    faces = [node.faces + start for node, start in zip(nodes, starts, strict=False)]
    normals = [node.normals for node in nodes if node.normals is not None]
    return MeshNode(
        vertices=np.concatenate([node.vertices for node in nodes]),
        faces=np.concatenate(faces).astype(np.int32),
        uv=_filled([node.uv for node in nodes], nodes, np.zeros(2, np.float32)),
        colors=_filled([node.colors for node in nodes], nodes, np.ones(4, np.float32)),
        normals=np.concatenate(normals) if len(normals) == len(nodes) else None,
        material=nodes[0].material,
    )


def _filled(values: list[Any], nodes: list[MeshNode], missing: NDArray[np.float32]) -> Any:
    """The values of all nodes, `missing` for nodes without; None where no node has any."""
    if all(value is None for value in values):
        return None
    return np.concatenate(
        [
            np.tile(missing, (len(node.vertices), 1)) if value is None else value
            for value, node in zip(values, nodes, strict=True)
        ]
    )
