"""Clean edges for few rays: one through each pixel, and more only where edges are.

Within a face one ray is enough, for its texture is filtered to the size of a pixel already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bool = NDArray[np.bool_]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

Trace = Callable[[Float64, Float64, int], tuple[Int64, Float32]]
"""Follows rays through points x and y, (R,) float64 in pixels, so many along each side of a pixel.

Returns (R,) int64, equal where the same faces are seen, and (R, 4) float32 linear light multiplied
by alpha."""

CONTRAST = 1 / 32
"""Neighbours that differ by less, in square roots of light, need no blending between them."""

ROUNDS = 16
"""How many pixels far an edge is followed where no pixel's centre has shown it, as a wire's."""

MOST_RAYS = 1 << 18
"""Rays followed at a time; one takes about half a kilobyte."""


def expose(trace: Trace, *, height: int, width: int, factor: int, occupied: Int64) -> Float32:
    """(H, W, 4) float32 linear light multiplied by alpha, averaged within pixels that have an edge.

    Args:
        trace: follows rays.
        height: of the image.
        width: of the image.
        occupied: (N,) flat indices of pixels that have something in them, be it only at one point;
            where the ray through the centre has missed it, more rays look for it.
        factor: rays along each side of a pixel that has an edge.
    """
    faces = np.zeros((height, width), np.int64)
    light = np.zeros((height, width, 4), np.float32)
    for pixels in _portions(np.arange(height * width), 1):
        seen = trace(*_points(pixels, width, 1), 1)
        faces.reshape(-1)[pixels], light.reshape(-1, 4)[pixels] = seen
    if factor == 1:
        return light
    result = light.copy()
    wanted, done = contours(faces, light), np.zeros((height, width), bool)
    wanted.reshape(-1)[occupied[light[..., 3].reshape(-1)[occupied] == 0]] = True
    for _ in range(ROUNDS):
        todo = np.flatnonzero(wanted & ~done)
        done |= wanted
        for pixels in _portions(todo, factor):
            inner = trace(*_points(pixels, width, factor), factor)
            result.reshape(-1, 4)[pixels] = _means(inner[1], factor**2)
            wanted.reshape(-1)[_crossed(pixels, inner, faces, light, factor)] = True
    return result


def contours(faces: Int64, light: Float32) -> Bool:
    """(H, W) bool: pixels on both sides of where one face ends and another, or nothing, begins.

    Args:
        faces: (H, W) int64, equal where the same faces are seen.
        light: (H, W, 4) float32 linear, multiplied by alpha.
    """
    found = np.zeros(faces.shape, bool)
    for axis in (0, 1):
        # Views with the axis in front, so that neighbours along it are neighbouring rows.
        face, shade, edge = (np.moveaxis(array, axis, 0) for array in (faces, light, found))
        row, column = np.nonzero(face[1:] != face[:-1])
        apart = _contrasts(shade[row, column], shade[row + 1, column])
        for side in (0, 1):
            edge[row[apart] + side, column[apart]] = True
    return found


def _crossed(
    pixels: Int64, inner: tuple[Int64, Float32], faces: Int64, light: Float32, factor: int
) -> Int64:
    """The neighbours whose centres show something else than the nearest points within the pixels.

    Args:
        pixels: (N,) flat indices.
        inner: what is seen through the points of these pixels.
        faces: (H, W), seen through the centres of all pixels.
        light: (H, W, 4), seen through them.
        factor: points along each side of a pixel.
    """
    height, width = faces.shape
    rows, columns = np.divmod(pixels, width)
    inner_faces = inner[0].reshape(factor, factor, -1)
    inner_light = inner[1].reshape(factor, factor, -1, 4)
    sides: tuple[tuple[int, Bool, Any], ...] = (
        (-width, rows > 0, np.s_[0]),
        (width, rows < height - 1, np.s_[-1]),
        (-1, columns > 0, np.s_[:, 0]),
        (1, columns < width - 1, np.s_[:, -1]),
    )
    crossed = []
    for step, inside, side in sides:
        there = np.where(inside, pixels + step, pixels)
        differs = inner_faces[side] != faces.reshape(-1)[there]
        point, pixel = np.nonzero(differs & inside)
        there = there[pixel]
        apart = _contrasts(inner_light[side][point, pixel], light.reshape(-1, 4)[there])
        crossed.append(there[apart])
    return np.concatenate(crossed)


def _contrasts(first: Float32, second: Float32) -> Bool:
    """(N,) whether two colours, (N, 4), are apart; column by column, which is quicker by far."""
    found = np.zeros(len(first), bool)
    for before, after in zip(np.sqrt(first).T, np.sqrt(second).T, strict=True):
        found |= np.abs(before - after) > CONTRAST
    return found


def _means(inner_light: Float32, points: int) -> Float32:
    """(N, 4) from the light through all points of all pixels, point by point."""
    total: Float32 = inner_light.reshape(points, -1, 4).sum(axis=0)
    return total / np.float32(points)


def _portions(pixels: Int64, factor: int) -> Iterator[Int64]:
    step = MOST_RAYS // factor**2
    for start in range(0, len(pixels), step):
        yield pixels[start : start + step]


def _points(pixels: Int64, width: int, factor: int) -> tuple[Float64, Float64]:
    """(factor² × N,) each: x and y of a square grid of points within each pixel, point by point."""
    rows, columns = np.divmod(pixels, width)
    offsets = (np.arange(factor) + 0.5) / factor
    down, right = np.repeat(offsets, factor), np.tile(offsets, factor)
    return (columns + right[:, None]).reshape(-1), (rows + down[:, None]).reshape(-1)
