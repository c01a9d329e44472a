"""Skinned meshes in their rest pose, as viewers show them before any animation runs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partworks.errors import Rejected
from partworks.geometry.gltf.accessors import Accessors
from partworks.geometry.gltf.document import Document
from partworks.geometry.gltf.nodes import NodeGraph
from partworks.geometry.transform import Matrix, multiply


def joint_matrices(skin: int, document: Document, accessors: Accessors, graph: NodeGraph) -> Matrix:
    """(J, 4, 4) float64: mesh frame -> scene frame for each joint (glTF 2.0, section 3.7.3.3)."""
    entry = document.entry("skins", skin, asked_by="a node")
    joints = entry.indices("joints")
    for joint in joints:
        document.entry("nodes", joint, asked_by=entry.where)
    world = np.asarray([graph.world[joint] for joint in joints]).reshape(-1, 4, 4)
    inverse = entry.integer("inverseBindMatrices", None)
    if inverse is None:
        return world
    flat = accessors.read_float(inverse, asked_by=entry.where, types=("MAT4",))
    if len(flat) < len(joints):
        raise Rejected(
            "bad_skin", f"{entry.where} has {len(joints)} joints and {len(flat)} bind matrices"
        )
    bind = flat[: len(joints)].astype(np.float64).reshape(-1, 4, 4).transpose(0, 2, 1)
    return multiply(world, bind)


def vertex_matrices(
    joints: NDArray[np.int64], weights: NDArray[np.float64], pose: Matrix
) -> Matrix:
    """(V, 4, 4) float64: the blend of joint matrices that moves each vertex.

    Weights are scaled to a sum of one; a vertex without any follows its first joint.

    Args:
        joints: (V, K) indices into `pose`.
        weights: (V, K).
        pose: (J, 4, 4), what `joint_matrices` gives.

    Raises:
        Rejected: `bad_skin` if a joint index is out of range.
    """
    if joints.size and int(joints.max()) >= len(pose):
        raise Rejected("bad_skin", f"a vertex follows joint {joints.max()} of {len(pose)}")
    first = np.zeros_like(weights)
    first[:, :1] = 1
    total = weights.sum(axis=1, keepdims=True)
    shares = np.where(total > 0, weights / total, first)
    blended = np.zeros((len(joints), 4, 4))
    for column in range(joints.shape[1]):  # one gather per influence keeps memory at V × 16
        blended += shares[:, column, None, None] * pose[joints[:, column]]
    return blended
