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

    Raises:
        ValueError: an index is out of range, or a vertex that a face uses is not finite.
    """

    def __init__(self, vertices: NDArray[Any], faces: NDArray[Any]) -> None:
        check_triangles(vertices, faces)
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

        Raises:
            ValueError: these faces have no area.
        """
        faces = self.faces[chosen]
        face, weights = sample_surface(self.vertices, faces, count=count, generator=generator)
        if len(face) < count:
            raise ValueError(
                f"none of {len(faces)} faces has an area, so no point can be drawn on them; leave "
                "such faces out"
            )
        shuffled = generator.permutation(count)
        face, weights = face[shuffled], weights[shuffled]
        points = surface_points(self.vertices, faces, face, weights)
        normals = face_normals(self.vertices, faces)[face]
        rows: NDArray[np.float64] = np.concatenate([points, normals], axis=1)
        return rows.astype(np.float32)


def check_triangles(vertices: NDArray[Any], faces: NDArray[Any]) -> None:
    """Refuse what native code would crash on, hang on, or silently answer with garbage.

    Raises:
        ValueError: an index is out of range, or a vertex that a face uses is not finite.
    """
    if not len(faces):
        return
    if faces.min() < 0 or faces.max() >= len(vertices):
        raise ValueError(
            f"faces index vertices {faces.min()}…{faces.max()}, but there are {len(vertices)}"
        )
    finite = np.isfinite(vertices).all(axis=1)
    if not finite.all() and not (sound := finite[faces].all(axis=1)).all():
        raise ValueError(
            f"{np.count_nonzero(~sound)} faces have a corner that is not finite, the first is face "
            f"{np.argmin(sound)}; remove them first"
        )
