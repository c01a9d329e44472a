"""Points on a surface, spread evenly over its area."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.measures import face_areas

Int64 = NDArray[np.int64]
Float64 = NDArray[np.float64]


def sample_surface(
    vertices: NDArray[Any], faces: NDArray[Any], *, count: int, generator: np.random.Generator
) -> tuple[Int64, Float64]:
    """Draw `count` points evenly over the area of a mesh.

    Faces are drawn systematically, one draw per equal share of the area, so that a face with n
    shares gets n points or one more or less; places within a face are uniform.

    Returns:
        face: (count,) int64, ascending. barycentric: (count, 3) float64, rows sum to one.
        Both are empty where there is no area.
    """
    total = np.cumsum(face_areas(vertices, faces))
    if not count or not len(total) or total[-1] <= 0:
        return np.zeros(0, np.int64), np.zeros((0, 3))
    at = (np.arange(count) + generator.random()) * (total[-1] / count)
    face = np.searchsorted(total, at, side="right").clip(max=np.searchsorted(total, total[-1]))
    return face, uniform_barycentric(count, generator=generator)


def uniform_barycentric(count: int, *, generator: np.random.Generator) -> Float64:
    """(count, 3) float64 barycentric coordinates, uniform over a triangle."""
    root, share = np.sqrt(generator.random(count)), generator.random(count)
    return np.stack([1 - root, root * (1 - share), root * share], axis=1)


def surface_points(
    vertices: NDArray[Any], faces: NDArray[Any], face: NDArray[Any], barycentric: NDArray[Any]
) -> Float64:
    """(N, 3) float64: the points at barycentric coordinates of faces."""
    corners = vertices[faces[face]].astype(np.float64)
    points: Float64 = np.einsum("nc,ncd->nd", barycentric, corners)
    return points
