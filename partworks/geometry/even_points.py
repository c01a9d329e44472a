"""Points all over a surface by subdividing its faces: no chance, and the same however it is turned.

Random points of two copies of an object differ; these differ no more than the copies' faces do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.measures import face_areas
from partworks.geometry.sampling import sample_surface

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

MOST_FACES = 1 << 17
"""Beyond so many faces points are drawn instead, half as many."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EvenPoints:
    """Points with the share of the area that each stands for.

    Attributes:
        face: (N,) int64.
        barycentric: (N, 3) float64.
        weight: (N,) float64, sums to 1.
        position: (N, 3) float64 in the unit of the vertices.
    """

    face: Int64
    barycentric: Float64
    weight: Float64
    position: Float64


def even_points(vertices: NDArray[Any], faces: NDArray[Any], *, count: int) -> EvenPoints:
    """The middles of about `count` or more equal triangles that the faces are cut into.

    A face of n times the mean share gets k² triangles with k² >= n, so there are at least as many
    points as faces with area. Empty where there is no area.

    Args:
        vertices: (V, 3) float.
        faces: (F, 3) int.
        count: points that a surface of few faces gets at the least, about.
    """
    areas = face_areas(vertices, faces)
    if len(faces) > MOST_FACES:
        generator = np.random.default_rng(0)
        face, barycentric = sample_surface(
            vertices, faces, count=MOST_FACES // 2, generator=generator
        )
        weight = np.full(len(face), 1 / max(len(face), 1))
    else:
        face, barycentric, weight = _subdivided(areas, count)
    corners = vertices[faces[face]].astype(np.float64)
    return EvenPoints(
        face=face,
        barycentric=barycentric,
        weight=weight,
        position=(barycentric[:, :, None] * corners).sum(axis=1),
    )


def _subdivided(areas: Float64, count: int) -> tuple[Int64, Float64, Float64]:
    total = areas.sum()
    if not total > 0:
        return np.zeros(0, np.int64), np.zeros((0, 3)), np.zeros(0)
    share = areas / total
    # Rounded first, so that equal faces get equal cuts whatever the last bit says.
    cuts = np.ceil(np.sqrt(np.round(share * count, 6))).astype(np.int64)
    found = []
    for cut in np.unique(cuts[cuts > 0]):
        chosen = np.flatnonzero(cuts == cut)
        middles = _middles(int(cut))
        found.append(
            (
                np.repeat(chosen, len(middles)),
                np.tile(middles, (len(chosen), 1)),
                np.repeat(share[chosen] / len(middles), len(middles)),
            )
        )
    face, barycentric, weight = (np.concatenate(part) for part in zip(*found, strict=True))
    return face, barycentric, weight / weight.sum()


def _middles(cut: int) -> Float64:
    """(cut², 3) barycentric middles of the triangles that a triangle is cut into."""
    i, j = (grid.ravel() for grid in np.meshgrid(np.arange(cut), np.arange(cut), indexing="ij"))
    upward, downward = i + j < cut, i + j < cut - 1
    first = np.concatenate([i[upward] + 1 / 3, i[downward] + 2 / 3]) / cut
    second = np.concatenate([j[upward] + 1 / 3, j[downward] + 2 / 3]) / cut
    return np.stack([1 - first - second, first, second], axis=1)
