"""Shapes whose points and distances are known in closed form, and selections made of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import trimesh
from numpy.typing import NDArray

from shards.selection import SamplePart, Selection
from shards.surface import Surface

Float64 = NDArray[np.float64]


def surface_of(mesh: trimesh.Trimesh) -> Surface:
    return Surface(np.asarray(mesh.vertices), np.asarray(mesh.faces))


def every(surface: Surface) -> NDArray[np.int64]:
    return np.arange(len(surface.faces))


def make_part(surface: Surface, faces: NDArray[np.int64], *, label: int = 0) -> SamplePart:
    return SamplePart(
        labels=(label,),
        faces=faces,
        box=surface.box(faces),
        area=surface.area(faces),
        level=0,
        watertight=False,
    )


def object_of(*meshes: trimesh.Trimesh) -> tuple[Surface, Selection]:
    """An object with a part for each mesh."""
    whole = trimesh.util.concatenate(meshes)
    surface = surface_of(whole)
    starts = np.cumsum([0, *(len(mesh.faces) for mesh in meshes)])
    parts = [
        make_part(surface, np.arange(starts[index], starts[index + 1]), label=index)
        for index in range(len(meshes))
    ]
    return surface, Selection(kept=tuple(parts), dropped={})


def triangles(vertices: Sequence[Sequence[float]], faces: Sequence[Sequence[int]]) -> Surface:
    return Surface(np.array(vertices, np.float64), np.array(faces, np.int64).reshape(-1, 3))


def ball(radius: float = 1.0, *, subdivisions: int = 4) -> trimesh.Trimesh:
    return trimesh.creation.icosphere(subdivisions=subdivisions, radius=radius)


def box(*extents: float) -> trimesh.Trimesh:
    return trimesh.creation.box(extents)


def only(mesh: trimesh.Trimesh, kept: NDArray[np.bool_]) -> trimesh.Trimesh:
    """The mesh of some faces."""
    return trimesh.Trimesh(mesh.vertices, mesh.faces[kept], process=False)


def inverted(mesh: trimesh.Trimesh) -> trimesh.Trimesh:
    return trimesh.Trimesh(mesh.vertices, mesh.faces[:, ::-1], process=False)


def plane() -> trimesh.Trimesh:
    return trimesh.Trimesh(
        [[-1, 0, -1], [-1, 0, 1], [1, 0, 1], [1, 0, -1]], [[0, 1, 2], [0, 2, 3]], process=False
    )


def hemisphere() -> trimesh.Trimesh:
    whole = ball()
    return only(whole, whole.triangles_center[:, 1] > 0)


def tube() -> trimesh.Trimesh:
    """A cylinder without caps."""
    whole = trimesh.creation.cylinder(radius=0.5, height=2.0, sections=64)
    return only(whole, np.abs(whole.face_normals[:, 2]) < 0.5)


def open_box() -> trimesh.Trimesh:
    """A box without its lid."""
    whole = box(2, 2, 2)
    return only(whole, whole.face_normals[:, 1] < 0.5)


def box_distance(points: Float64, half: Sequence[float]) -> Float64:
    """(N,) exact signed distance to a box around the origin, negative inside."""
    beyond = np.abs(points) - np.array(half)
    outside = np.linalg.norm(np.maximum(beyond, 0), axis=1)
    distance: Float64 = outside + np.minimum(beyond.max(axis=1), 0)
    return distance


def torus_distance(points: Float64, major: float, minor: float) -> Float64:
    """(N,) exact signed distance to a torus around z, negative inside."""
    ring = np.hypot(points[:, 0], points[:, 1]) - major
    distance: Float64 = np.hypot(ring, points[:, 2]) - minor
    return distance
