"""The part of a picture that can show anything: Blender renders no more."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.cameras import Camera

Border = tuple[int, int, int, int]

PAD = 8
"""Pixels around what is seen, for the filters of the renderer and the denoiser."""


def border_of(points: NDArray[np.float32], camera: Camera) -> Border | None:
    """Left, top, right and bottom, in pixels, of all that can show some points (N, 3).

    Right and bottom are exclusive. None when no point is in the frame; the whole frame when some
    are beside or behind the camera.
    """
    x, y, _ = camera.project(points).T
    if np.isnan(x).any():
        return 0, 0, camera.width, camera.height
    if not len(x):
        return None
    left, right = _range(x, camera.width)
    top, bottom = _range(y, camera.height)
    return (left, top, right, bottom) if left < right and top < bottom else None


def paste(pixels: NDArray[Any], border: Border, camera: Camera) -> NDArray[Any]:
    """A picture of the whole frame, (H, W, …), from the pixels of a border; 0 around them."""
    left, top, right, bottom = border
    assert pixels.shape[:2] == (bottom - top, right - left)
    frame = np.zeros((camera.height, camera.width, *pixels.shape[2:]), pixels.dtype)
    frame[top:bottom, left:right] = pixels
    return frame


def _range(values: NDArray[np.float64], size: int) -> tuple[int, int]:
    least = max(0, int(np.floor(values.min())) - PAD)
    most = min(size, int(np.ceil(values.max())) + PAD)
    return least, most
