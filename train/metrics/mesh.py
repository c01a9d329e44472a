"""A triangle mesh as the metrics take it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TriangleMesh:
    """Vertices and faces; it may be empty.

    Attributes:
        vertices: (V, 3) float64, finite.
        faces: (F, 3) int64, corners counter-clockwise as seen from outside.

    Raises:
        ValueError: shapes, indices or vertices are not as above.
    """

    vertices: Float64
    faces: Int64

    def __post_init__(self) -> None:
        shapes = self.vertices.shape, self.faces.shape
        if any(len(shape) != 2 or shape[1] != 3 for shape in shapes):
            raise ValueError(f"expected vertices (V, 3) and faces (F, 3), found {shapes}")
        kinds = str(self.vertices.dtype), str(self.faces.dtype)
        if kinds != ("float64", "int64"):
            raise ValueError(f"expected float64 vertices and int64 faces, found {kinds}")
        if len(self.faces) and not (
            self.faces.min() >= 0 and self.faces.max() < len(self.vertices)
        ):
            raise ValueError(
                f"faces index vertices {self.faces.min()}…{self.faces.max()}, "
                f"but there are {len(self.vertices)}"
            )
        if not np.isfinite(self.vertices).all():
            raise ValueError(
                "some vertices are not finite; leave out their faces, or take the mesh as empty"
            )

    @property
    def is_empty(self) -> bool:
        """Whether there is no face."""
        return len(self.faces) == 0

    @property
    def corners(self) -> Float64:
        """(F, 3, 3) float64."""
        return self.vertices[self.faces]

    @property
    def crossed(self) -> Float64:
        """(F, 3) float64: vectors along the faces' normals, as long as twice their areas."""
        corners = self.corners
        crossed: Float64 = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        return crossed

    @staticmethod
    def empty() -> TriangleMesh:
        """A mesh without faces, as a model gives where it sees no surface."""
        return TriangleMesh(vertices=np.zeros((0, 3)), faces=np.zeros((0, 3), np.int64))

    @staticmethod
    def union(meshes: Sequence[TriangleMesh]) -> TriangleMesh:
        """All faces in one mesh, in order; where meshes overlap, faces stay inside."""
        if not meshes:
            return TriangleMesh.empty()
        counts = [len(mesh.vertices) for mesh in meshes]
        starts = np.cumsum([0, *counts[:-1]])
        return TriangleMesh(
            vertices=np.concatenate([mesh.vertices for mesh in meshes]),
            faces=np.concatenate(
                [mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)]
            ),
        )
