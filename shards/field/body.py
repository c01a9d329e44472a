"""The triangles whose field is sought, as native code may have them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.adjacency import weld_vertices
from partworks.geometry.measures import face_areas, face_normals
from partworks.geometry.sampling import sample_surface, surface_points
from shards.closed import has_no_rim, is_oriented
from shards.surface import Surface

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

MIN_AREA = 1e-18
"""Area of a face, in the frame of a body, below which it is none: a square of 1e-9."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Body:
    """A part or an object in its own frame, where its box's longest side spans [-1, 1].

    Indices are in range, coordinates finite, and every face has an area: libigl and point-cloud-
    utils check none of it, and hang, crash or return garbage instead.

    Attributes:
        vertices: (V, 3) float64, one per position.
        faces: (F, 3) int64, F may be 0.
        rimless: whether winding numbers are whole, see `has_no_rim`.
        oriented: whether neighbours agree on what is outside, see `is_oriented`.
    """

    vertices: Float64
    faces: Int64
    rimless: bool
    oriented: bool

    def sample(self, count: int, *, generator: np.random.Generator) -> tuple[Float64, Float64]:
        """(count, 3) float64 points even by area, in random order, and their (count, 3) normals."""
        face, weights = sample_surface(self.vertices, self.faces, count=count, generator=generator)
        shuffled = generator.permutation(len(face))
        face, weights = face[shuffled], weights[shuffled]
        points = surface_points(self.vertices, self.faces, face, weights)
        return points, face_normals(self.vertices, self.faces)[face]


def make_body(
    surface: Surface, chosen: NDArray[np.int64], *, center: Float64, scale: float
) -> Body:
    """The body of some faces, with vertices at one position welded.

    Args:
        surface: the object; it has refused what is not finite or out of range.
        chosen: (F,) int64 faces.
        center: (3,) float64 and scale: `(x - center) / scale` is the body's frame.
    """
    used, corners = np.unique(surface.faces[chosen], return_inverse=True)
    position = weld_vertices(surface.vertices[used])
    _, first = np.unique(position, return_index=True)
    vertices = (surface.vertices[used[first]].astype(np.float64) - center) / scale
    faces = position[corners].reshape(-1, 3).astype(np.int64)
    return Body(
        vertices=np.ascontiguousarray(vertices),
        faces=faces[face_areas(vertices, faces) > MIN_AREA],
        rimless=has_no_rim(faces),
        oriented=is_oriented(faces),
    )
