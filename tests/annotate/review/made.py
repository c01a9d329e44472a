"""Meshes with known halves, and reviews of them, for the tests of tools."""

from collections.abc import Sequence

import numpy as np
import trimesh

from annotate.review.base import Base
from partworks.geometry.mesh import Mesh, MeshNode


def single(*shapes: trimesh.Trimesh) -> Mesh:
    """A mesh of one node."""
    joined = trimesh.util.concatenate(list(shapes))
    return Mesh(
        nodes=(
            MeshNode(
                vertices=joined.vertices.astype(np.float32), faces=joined.faces.astype(np.int32)
            ),
        )
    )


def dumbbell(*, rows: int = 60, around: int = 40) -> Mesh:
    """Two balls with a thin neck at x = 0, from x = -2 to 2; closed."""
    along = np.linspace(-2, 2, rows + 1)[1:-1]
    radius = np.sqrt(np.maximum(1 - (np.abs(along) - 1) ** 2, 0.0))
    radius = np.maximum(radius, 0.25)
    angle = np.arange(around) * 2 * np.pi / around
    rings = [
        np.stack([np.full(around, x), r * np.cos(angle), r * np.sin(angle)], 1)
        for x, r in zip(along, radius, strict=True)
    ]
    vertices = np.concatenate([*rings, [[-2, 0, 0], [2, 0, 0]]])
    faces = []
    for ring in range(len(along) - 1):
        for k in range(around):
            a, b = ring * around + k, ring * around + (k + 1) % around
            faces += [(a, b, a + around), (b, b + around, a + around)]
    left, right = len(vertices) - 2, len(vertices) - 1
    last = (len(along) - 1) * around
    for k in range(around):
        n = (k + 1) % around
        faces += [(left, n, k), (right, last + k, last + n)]
    return single(trimesh.Trimesh(vertices, np.asarray(faces), process=False))


def one_atom(mesh: Mesh) -> Base:
    return atoms(np.zeros(mesh.face_count, np.int32))


def atoms(labels: Sequence[int] | np.ndarray, *, default_height: float = 1.0) -> Base:
    """A base whose tree joins the atoms in order; all are one group at the start."""
    labels = np.asarray(labels, np.int32)
    count = int(labels.max()) + 1
    first = [0, *range(count, 2 * count - 2)]
    rows = np.stack([first[: count - 1], np.arange(1, count)], 1) if count > 1 else []
    return Base(
        atom_of_face=labels,
        children=np.asarray(rows, np.int32).reshape(-1, 2),
        heights=np.linspace(0.1, 0.9, count - 1) if count > 1 else np.zeros(0),
        default_height=default_height,
    )
