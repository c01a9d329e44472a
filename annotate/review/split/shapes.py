"""Faces that a plane, a brush or a lasso takes, whole faces each: nothing is ever cut."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.review.surface import ReviewSurface, patch_of
from partworks.geometry.adjacency import connected_components

Bool = NDArray[np.bool_]
Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


def faces_above(
    surface: ReviewSurface, inside: Bool, *, point: NDArray[Any], normal: NDArray[Any]
) -> Int64:
    """(N,) int64: the faces in `inside` (F,) whose middle is where `normal` (3,) points to.

    Args:
        point: (3,) on the plane. normal: (3,), of any length.

    Raises:
        ValueError: the normal is zero or not finite.
    """
    length = float(np.linalg.norm(normal))
    if not (np.isfinite(length) and length > 0 and np.isfinite(point).all()):
        raise ValueError("a plane needs a point and a direction, finite and not zero")
    faces = np.flatnonzero(inside)
    height = (surface.centroids[faces] - np.asarray(point)) @ np.asarray(normal)
    above: Int64 = faces[height > 0]
    return above


def brushed_faces(
    surface: ReviewSurface, inside: Bool, *, face: int, radius: float, through: bool = False
) -> Int64:
    """(N,) int64: the faces in `inside` (F,) whose middle is within `radius` of that of `face`.

    Unless it goes `through`, the brush takes only what hangs together with `face` within it, so
    that it does not reach the back of a thin wall. The face itself is always taken.

    Raises:
        ValueError: the face is not inside.
    """
    if not 0 <= face < len(inside) or not inside[face]:
        raise ValueError(f"face {face} is not in the group that is brushed")
    away = np.linalg.norm(surface.centroids - surface.centroids[face], axis=1)
    touched = inside & (away <= radius)
    touched[face] = True
    if through:
        return np.flatnonzero(touched)
    patch = patch_of(surface, touched)
    component = connected_components(len(patch.faces), patch.pairs)
    found: Int64 = patch.faces[component == component[np.searchsorted(patch.faces, face)]]
    return found


def lassoed_faces(
    surface: ReviewSurface,
    inside: Bool,
    *,
    to_clip: NDArray[Any],
    polygon: NDArray[Any],
    visible: NDArray[Any] | None = None,
) -> Int64:
    """(N,) int64: the faces in `inside` (F,) whose middle is seen within a polygon.

    Args:
        to_clip: (4, 4) from the object frame to clip space, column vectors: projection × view.
        polygon: (P, 2) in normalised device coordinates, closed by itself; even-odd.
        visible: face numbers that the view shows; without them the lasso goes through.

    Raises:
        ValueError: the polygon has fewer than three corners.
    """
    if len(polygon) < 3:
        raise ValueError(f"a lasso has three corners or more, not {len(polygon)}")
    faces = np.flatnonzero(inside)
    if visible is not None:
        faces = faces[np.isin(faces, visible)]
    points = np.concatenate([surface.centroids[faces], np.ones((len(faces), 1))], axis=1)
    clip = points @ np.asarray(to_clip, np.float64).T
    in_front = clip[:, 3] > 0
    flat = np.zeros((len(faces), 2))
    np.divide(clip[:, :2], clip[:, 3:], out=flat, where=in_front[:, None])
    caught: Int64 = faces[in_front & _within(flat, np.asarray(polygon, np.float64))]
    return caught


def _within(points: Float64, polygon: Float64) -> Bool:
    """(N,) bool: whether a ray to the right crosses the outline an odd number of times."""
    odd = np.zeros(len(points), bool)
    for start, stop in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if start[1] == stop[1]:
            continue
        crosses = (points[:, 1] >= min(start[1], stop[1])) & (points[:, 1] < max(start[1], stop[1]))
        at = start[0] + (points[:, 1] - start[1]) * (stop[0] - start[0]) / (stop[1] - start[1])
        odd ^= crosses & (points[:, 0] < at)
    return odd
