"""Plain words for the form of a piece of surface, and for where it sits in the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.measures import face_normals
from partworks.geometry.sampling import sample_surface, surface_points

Float64 = NDArray[np.float64]

Form = Literal["ball", "block", "plate", "disc", "ring", "tube", "cylinder", "rod", "bar", "piece"]
FORMS: tuple[Form, ...] = get_args(Form)
"""`rod` is long and round, `bar` long and not round, `piece` none of them."""

SAMPLES = 2000
FLAT = 0.2
LONG = 0.3
ALIGNED = np.cos(np.radians(15.0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cloud:
    """Points and normals in the frame of a snug box, centred; axes ordered longest first."""

    points: Float64
    normals: Float64
    extents: Float64


def form_of(vertices: NDArray[Any], faces: NDArray[Any], *, generator: np.random.Generator) -> Form:
    """Name the form of a surface, closed or not, however it is turned.

    Judged by 2000 points: the sides of a snug box, which way the normals face, and how far the
    points are from the middle or from an axis.

    Args:
        vertices: (V, 3) float. faces: (F, 3) int.
    """
    face, weights = sample_surface(vertices, faces, count=SAMPLES, generator=generator)
    if not len(face):
        return "piece"
    points = surface_points(vertices, faces, face, weights)
    cloud = _snug(points, face_normals(vertices, faces)[face])
    if _is_ball(cloud):
        return "ball"
    return _round_form(cloud) or _square_form(cloud)


def _snug(points: Float64, normals: Float64) -> _Cloud:
    """Turn the points into the tightest of three boxes: as they lie, by spread, by sides."""
    frames = [
        np.eye(3),
        np.linalg.eigh(np.cov(points.T))[1],
        _frame_of_sides(normals),
    ]
    sizes = [np.ptp(points @ frame, axis=0) for frame in frames]
    # A turned box must be clearly tighter; rounding must not choose.
    volumes = [float(np.prod(size + 1e-3 * size.max())) for size in sizes]
    best = min(range(3), key=lambda k: volumes[k] * (1.0 if k == 0 else 1.05))
    order = np.argsort(-sizes[best], kind="stable")
    turned = points @ frames[best][:, order]
    middle = (turned.min(axis=0) + turned.max(axis=0)) / 2
    return _Cloud(
        points=turned - middle,
        normals=normals @ frames[best][:, order],
        extents=np.maximum(sizes[best][order], 1e-9 * max(sizes[best].max(), 1e-30)),
    )


def _frame_of_sides(normals: Float64) -> Float64:
    """(3, 3) float64: columns along the directions that most of the surface faces."""
    few = normals[:: max(len(normals) // 250, 1)]
    first = _commonest(few, few)
    across = few - np.outer(few @ first, first)
    length = np.linalg.norm(across, axis=1, keepdims=True)
    upright = across[length[:, 0] > 0.9] / length[length[:, 0] > 0.9]
    if not len(upright):
        return np.eye(3)
    second = _commonest(upright, few)
    return np.stack([first, second, np.cross(first, second)], axis=1)


def _commonest(candidates: Float64, normals: Float64) -> Float64:
    """The candidate that most of the normals, or their opposites, come close to."""
    close = ((candidates @ normals.T) ** 8).sum(axis=1)
    found: Float64 = candidates[close.argmax()]
    return found


def _is_ball(cloud: _Cloud) -> bool:
    radius = np.linalg.norm(cloud.points, axis=1)
    return bool(cloud.extents[2] > 0.8 * cloud.extents[0] and radius.std() < 0.08 * radius.mean())


def _round_form(cloud: _Cloud) -> Form | None:
    """The form of a surface that is round about its longest or its shortest axis."""
    for axis in (0, 2):
        p, q = (1, 2) if axis == 0 else (0, 1)
        if cloud.extents[q] < 0.85 * cloud.extents[p]:
            continue
        outer = cloud.extents[[p, q]].mean() / 2
        radius = np.linalg.norm(cloud.points[:, [p, q]], axis=1) / outer
        if radius.max() > 1.15:  # corners
            continue
        height = cloud.extents[axis] / (2 * outer)
        # The ends of a rod are a small share of its surface, but there are some.
        hollow = (radius < 0.4).mean() < 0.002
        if hollow and height < 10:
            return "ring" if height < 0.7 else "tube"
        side = np.abs(cloud.normals[:, axis]) < np.sin(np.radians(15.0))
        capped = np.abs(cloud.normals[:, axis]) > ALIGNED
        if (side | capped).mean() < 0.8:
            continue
        if height < 0.35:
            return "disc"
        return "rod" if height > 1 / LONG else "cylinder"
    return None


def _square_form(cloud: _Cloud) -> Form:
    a, b, c = cloud.extents
    if b < LONG * a:
        return "bar"
    if c < FLAT * b:
        return "plate"
    aligned = np.abs(cloud.normals).max(axis=1) > ALIGNED
    return "block" if aligned.mean() > 0.8 else "piece"


def place_of(center: NDArray[Any], bounds: NDArray[Any], *, most: int = 2) -> tuple[str, ...]:
    """Words for where `center` (3,) lies in a box `bounds` (2, 3), the most telling ones.

    Left and right are as seen from the front, which is +z; y is up. A direction counts when the
    centre is more than a quarter of the side off the middle. At most `most` words, in reading
    order: top, bottom; front, back; left, right.
    """
    low, high = np.asarray(bounds, np.float64)
    half = np.maximum((high - low) / 2, 1e-12)
    offset = (np.asarray(center, np.float64) - (low + high) / 2) / half
    words = (("bottom", "top"), ("back", "front"), ("left", "right"))
    axes = (1, 2, 0)
    telling = [k for k, axis in enumerate(axes) if abs(offset[axis]) > 0.5]
    # Rounded, so that four legs whose offsets differ in the last digit get words of one kind.
    telling.sort(key=lambda k: (-round(abs(float(offset[axes[k]])), 1), -k))
    kept = sorted(telling[:most])
    return tuple(words[k][int(offset[axes[k]] > 0)] for k in kept)
