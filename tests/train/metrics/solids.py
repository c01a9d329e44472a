"""Meshes of known form."""

from __future__ import annotations

import numpy as np
import trimesh

from train.metrics.mesh import TriangleMesh


def of(mesh: trimesh.Trimesh) -> TriangleMesh:
    return TriangleMesh(
        vertices=np.array(mesh.vertices, np.float64), faces=np.array(mesh.faces, np.int64)
    )


def ball(
    radius: float = 0.6, *, subdivisions: int = 5, at: tuple[float, ...] = (0, 0, 0)
) -> TriangleMesh:
    made = trimesh.creation.icosphere(subdivisions=subdivisions, radius=radius)
    made.apply_translation(at)
    return of(made)


def box(low: tuple[float, ...], high: tuple[float, ...]) -> TriangleMesh:
    return of(trimesh.creation.box(bounds=[low, high]))


def tile(height: float = 0.0, *, half: float = 1.0, turned: bool = False) -> TriangleMesh:
    """A square at some height y."""
    corners = [[-half, height, -half], [half, height, -half], [half, height, half]]
    corners.append([-half, height, half])
    faces = np.array([[0, 2, 1], [0, 3, 2]], np.int64)
    return TriangleMesh(
        vertices=np.array(corners), faces=faces[:, ::-1].copy() if turned else faces
    )


EMPTY = TriangleMesh.empty()
