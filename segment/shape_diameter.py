"""The shape diameter function: how thick the solid is below each face.

Shapira, Shamir and Cohen-Or 2008, Consistent mesh partitioning and skeletonisation using the shape
diameter function: limbs, handles and bodies differ in it although no crease parts them.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from partworks.geometry.measures import face_areas, face_normals
from partworks.geometry.sampling import sample_surface, surface_points

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int8 = NDArray[np.int8]
Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]

CONE = np.radians(120.0)
LIFT = 1e-4
"""How far below the surface rays start, as a share of the diagonal."""

FEWEST = 0.25
"""Where fewer of the rays than this leave through another surface, there is no solid below."""

NEIGHBOURS = 4
NORMAL_WEIGHT = 0.2
"""What a turn of the normal by a radian counts as, in shares of the diagonal."""


class RayCaster(Protocol):
    """What finds the first face along rays, such as `EmbreeCaster`."""

    def trace(self, origins: Float64, directions: Float64) -> tuple[Int32, Float64]:
        """Faces, -1 for none, and distances; see `EmbreeCaster.trace`."""
        ...


def shape_diameter(
    vertices: Float32,
    faces: Int32,
    *,
    caster: RayCaster,
    signs: Int8,
    diagonal: float,
    points: int,
    rays: int,
    generator: np.random.Generator,
) -> Float32:
    """(F,) float32: thickness below each face as a share of the diagonal; 0 where nothing is.

    From points on the surface, rays go inwards within a cone of 120°; those that leave the solid
    through a surface that looks away from the point count, and their median is the diameter.
    Every face has a point of its own, and large faces have more, as long as `points` suffice; in
    larger meshes points are spread by area, and the other faces take the median of the points
    nearest to them in place and direction.

    Args:
        vertices: (V, 3) float32.
        faces: (F, 3) int32.
        caster: finds the first face along rays.
        signs: (F,) int8, -1 where a face is wound the wrong way round.
        diagonal: of the bounding box, in the unit of the vertices.
        points: on the surface, more or less.
        rays: from each point.
        generator: turns the cones and places the points.
    """
    count = len(faces)
    if not count or diagonal <= 0:
        return np.zeros(count, np.float32)
    normals = face_normals(vertices, faces) * signs[:, None]
    face, place = _points(vertices, faces, count=points, generator=generator)
    thickness = _thickness(
        place - LIFT * diagonal * normals[face],
        -normals[face],
        caster=caster,
        normals=normals,
        rays=rays,
        generator=generator,
    )
    thickness = np.where(thickness > 0, thickness + LIFT * diagonal, 0.0) / diagonal
    middles = vertices.astype(np.float64)[faces].mean(axis=1)
    return _spread(
        np.concatenate([place / diagonal, NORMAL_WEIGHT * normals[face]], axis=1),
        thickness,
        np.concatenate([middles / diagonal, NORMAL_WEIGHT * normals], axis=1),
    ).astype(np.float32)


def _points(
    vertices: Float32, faces: Int32, *, count: int, generator: np.random.Generator
) -> tuple[Int64, Float64]:
    """Faces (N,) and places (N, 3): spread by area, and the middle of each face if they suffice."""
    face, weights = sample_surface(vertices, faces, count=count, generator=generator)
    place = surface_points(vertices, faces, face, weights)
    if len(faces) <= count:
        own = np.flatnonzero(face_areas(vertices, faces) > 0)
        middles = vertices.astype(np.float64)[faces[own]].mean(axis=1)
        face, place = np.concatenate([own, face]), np.concatenate([middles, place])
    return face, place


def _thickness(
    origins: Float64,
    inwards: Float64,
    *,
    caster: RayCaster,
    normals: Float64,
    rays: int,
    generator: np.random.Generator,
) -> Float64:
    """(N,) float64: the median length of the rays that leave the solid; 0 where too few do."""
    directions = cone(inwards, rays=rays, generator=generator)
    flat = directions.reshape(-1, 3)
    face, distance = caster.trace(np.repeat(origins, rays, axis=0), flat)
    leaves = (face >= 0) & (np.einsum("nc,nc->n", normals[face], flat) > 0)
    lengths = np.where(leaves, distance, np.inf).reshape(-1, rays)
    lengths.sort(axis=1)
    found = np.isfinite(lengths).sum(axis=1)
    low, high = (np.maximum(found - 1, 0) // 2, found // 2)
    high = np.minimum(high, np.maximum(found - 1, 0))
    row = np.arange(len(lengths))
    enough = found >= max(1.0, FEWEST * rays)
    lengths[~enough] = 0.0
    median: Float64 = (lengths[row, low] + lengths[row, high]) / 2
    return median


def cone(axes: Float64, *, rays: int, generator: np.random.Generator) -> Float64:
    """(N, rays, 3) float64 unit directions, even over a cone of 120° about each axis (N, 3).

    All cones have one pattern, Fibonacci's spiral, each turned about its axis at random.
    """
    steps = np.arange(rays)
    height = 1 - (1 - np.cos(CONE / 2)) * (steps + 0.5) / rays
    turn = np.pi * (3 - np.sqrt(5)) * steps + 2 * np.pi * generator.random((len(axes), 1))
    side, other = _frame(axes)
    flat = np.sqrt(1 - height**2)
    directions: Float64 = (
        height[:, None] * axes[:, None]
        + (flat * np.cos(turn))[..., None] * side[:, None]
        + (flat * np.sin(turn))[..., None] * other[:, None]
    )
    return directions


def _frame(axes: Float64) -> tuple[Float64, Float64]:
    """Two unit vectors (N, 3) each at right angles to unit axes and to one another."""
    helper = np.where(np.abs(axes[:, :1]) < 0.5, [[1.0, 0.0, 0.0]], [[0.0, 1.0, 0.0]])
    side = np.cross(axes, helper)
    length = np.linalg.norm(side, axis=1, keepdims=True)
    side = np.divide(side, length, out=np.zeros_like(side), where=length > 0)
    return side, np.cross(axes, side)


def _spread(places: Float64, values: Float64, wanted: Float64) -> Float64:
    """(F,) float64: at each wanted place the median of the values at the nearest places."""
    if not len(places):
        return np.zeros(len(wanted))
    nearest = min(NEIGHBOURS, len(places))
    _, index = cKDTree(places).query(wanted, k=nearest)
    chosen = values[np.asarray(index).reshape(len(wanted), nearest)]
    chosen.sort(axis=1)
    # The upper median: a place that too few rays leave is an exception among those beside it.
    median: Float64 = chosen[:, nearest // 2]
    return median
