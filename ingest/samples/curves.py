"""Outlines, profiles and paths: points in a row, in two or three dimensions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ingest.samples.shape import GRID, Float64


def fillet(points: ArrayLike, radius: float, *, steps: int = 3, closed: bool = False) -> Float64:
    """(N, D) points with rounded corners, each a quadratic Bézier that starts `radius` before it.

    The radius shrinks to half of the shorter side where sides are short. The ends of an open row
    stay as they are.
    """
    corners = np.asarray(points, np.float64)
    rounded: list[Float64] = []
    for i in range(len(corners)):
        if not closed and i in (0, len(corners) - 1):
            rounded.append(corners[i : i + 1])
            continue
        before, after = corners[i - 1], corners[(i + 1) % len(corners)]
        rounded.append(_bend(before, corners[i], after, radius=radius, steps=steps))
    points = np.concatenate(rounded)
    # Bends that use up a whole side between them meet in one point.
    apart = np.linalg.norm(points - np.roll(points, 1, axis=0), axis=1) > 2 * GRID
    apart[0] |= not closed
    kept: Float64 = points[apart]
    return kept


def _bend(
    before: Float64, corner: Float64, after: Float64, *, radius: float, steps: int
) -> Float64:
    ends = []
    for other in (before, after):
        side = other - corner
        length = float(np.linalg.norm(side))
        ends.append(corner + side * min(radius, length / 2) / length)
    t = np.linspace(0.0, 1.0, steps + 1)[:, None]
    curve: Float64 = (1 - t) ** 2 * ends[0] + 2 * t * (1 - t) * corner + t**2 * ends[1]
    return curve


def spline(points: ArrayLike, *, steps: int = 6, closed: bool = False) -> Float64:
    """(N, D) points on a Catmull-Rom curve through all the given ones, `steps` to a side."""
    knots = np.asarray(points, np.float64)
    if closed:
        padded = np.concatenate([knots[-1:], knots, knots[:2]])
    else:
        padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    a, b, c, d = (padded[i : len(padded) - 3 + i, None] for i in range(4))
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[:, None]
    curve = 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
    flat = curve.reshape(-1, knots.shape[1])
    return flat if closed else np.concatenate([flat, knots[-1:]])


def circle(radius: float, count: int, *, center: tuple[float, float] = (0.0, 0.0)) -> Float64:
    """(count, 2) points, counter-clockwise, the first at angle 0."""
    return _polar(radius, 2 * np.pi * np.arange(count) / count, center)


def arc(
    radius: float,
    start: float,
    stop: float,
    *,
    count: int,
    center: tuple[float, float] = (0.0, 0.0),
) -> Float64:
    """(count, 2) points from angle `start` to `stop`, in degrees, both ends included."""
    return _polar(radius, np.radians(np.linspace(start, stop, count)), center)


def _polar(radius: float, angle: Float64, center: tuple[float, float]) -> Float64:
    points: Float64 = radius * np.stack([np.cos(angle), np.sin(angle)], axis=1) + center
    return points


def rectangle(width: float, height: float, *, center: tuple[float, float] = (0.0, 0.0)) -> Float64:
    """(4, 2) corners, counter-clockwise."""
    corners = np.asarray([(-1, -1), (1, -1), (1, 1), (-1, 1)], np.float64)
    return corners * (width / 2, height / 2) + center


def arc_length(points: Float64) -> Float64:
    """(N,) distance along the row, from 0."""
    return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
