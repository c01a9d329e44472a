"""The triangles of an object: areas and boxes of some of them, and points on them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.measures import face_areas, face_normals
from partworks.geometry.sampling import sample_surface, surface_points


class Surface:
    """The triangles of an object.

    Args:
        vertices: (V, 3) float, object frame.
        faces: (F, 3) int, counter-clockwise from outside.
    """

    def __init__(self, vertices: NDArray[Any], faces: NDArray[Any]) -> None:
        self.vertices = vertices
        self.faces = faces
        self.areas = face_areas(vertices, faces)

    def box(self, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        """(2, 3) float64 lower and upper corner of some faces."""
        points = self.vertices[self.faces[chosen]].reshape(-1, 3).astype(np.float64)
        return np.stack([points.min(axis=0), points.max(axis=0)])

    def area(self, chosen: NDArray[np.int64]) -> float:
        """The area of some faces, in squared units of the object frame."""
        return float(self.areas[chosen].sum())

    def sample(
        self, chosen: NDArray[np.int64], *, count: int, generator: np.random.Generator
    ) -> NDArray[np.float32]:
        """(count, 6) float32: points even by area on some faces, with their unit face normals.

        They come in random order, so that a loader's first n are a sample too.
        """
        faces = self.faces[chosen]
        face, weights = sample_surface(self.vertices, faces, count=count, generator=generator)
        shuffled = generator.permutation(count)
        face, weights = face[shuffled], weights[shuffled]
        points = surface_points(self.vertices, faces, face, weights)
        normals = face_normals(self.vertices, faces)[face]
        rows: NDArray[np.float64] = np.concatenate([points, normals], axis=1)
        return rows.astype(np.float32)
