"""Meshes put together by hand, with what is known of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import trimesh
from numpy.typing import NDArray

from partworks.geometry.mesh import Material, Mesh, MeshNode


def node(
    shape: Any,
    *,
    name: str = "",
    material: int | None = None,
    move: Sequence[float] = (0.0, 0.0, 0.0),
) -> MeshNode:
    return MeshNode(
        vertices=(shape.vertices + np.asarray(move)).astype(np.float32),
        faces=shape.faces.astype(np.int32),
        name=name,
        mesh_name=name,
        material=material,
    )


def mesh(*nodes: MeshNode, materials: int = 4) -> Mesh:
    return Mesh(nodes=nodes, materials=tuple(Material(name=f"m{i}") for i in range(materials)))


def merged(whole: Mesh) -> Mesh:
    """The same faces as one nameless node."""
    return Mesh(nodes=(MeshNode(vertices=whole.vertices, faces=whole.faces),))


def soup(whole: Mesh) -> Mesh:
    """The same faces, each with vertices of its own."""
    loose = np.arange(whole.faces.size, dtype=np.int32).reshape(-1, 3)
    return Mesh(nodes=(MeshNode(vertices=whole.vertices[whole.faces.reshape(-1)], faces=loose),))


def box(extents: Sequence[float], *, cuts: int = 0) -> Any:
    shape = trimesh.creation.box(extents=extents)
    for _ in range(cuts):
        shape = shape.subdivide()
    return shape


def chair() -> Mesh:
    """A seat, a back and four legs that stand under the seat without touching it by an edge."""
    legs = [
        node(box((0.1, 0.8, 0.1)), name=f"leg{i}", material=1, move=(x, -0.45, z))
        for i, (x, z) in enumerate([(-0.4, -0.4), (0.4, -0.4), (-0.4, 0.4), (0.4, 0.4)])
    ]
    seat = node(box((1, 0.1, 1)), name="seat", material=0)
    back = node(box((1, 0.9, 0.1)), name="back", material=0, move=(0, 0.5, -0.45))
    return mesh(seat, back, *legs)


def dumbbell() -> Mesh:
    """Two balls, smoothly joined by a bar: one closed shell without a crease."""
    along = np.linspace(-1, 1, 121)
    middle = 0.12 + 0.28 * np.clip((np.abs(along) - 0.35) / 0.15, 0, 1) ** 2
    ends = np.sqrt(np.clip(0.4**2 - (np.abs(along) - 0.6) ** 2, 0, None))
    radius = np.where(np.abs(along) > 0.6, ends, np.minimum(middle, 0.4))
    profile = np.stack([radius, along], axis=1)
    return mesh(node(trimesh.creation.revolve(profile, sections=48)))


def is_tree(children: NDArray[np.int32], count: int) -> bool:
    """Whether every leaf and every inner node but the root is a child once, of a later node."""
    later = (children < (count + np.arange(len(children)))[:, None]).all()
    return bool(later) and sorted(children.reshape(-1).tolist()) == list(range(2 * count - 2))


def groups_of(labels: NDArray[Any]) -> set[frozenset[int]]:
    """A labelling as a set of sets, so that numbers do not matter."""
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)}
