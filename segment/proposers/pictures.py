"""Views as pictures that a model trained on photographs can read."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segment.views import ViewImages

Float64 = NDArray[np.float64]
UInt8 = NDArray[np.uint8]

Mode = Literal["normal", "diameter", "color"]
MODES: tuple[Mode, ...] = ("normal", "diameter", "color")

BACKGROUND = 255
LOG_CURVE = 4.0
"""The diameter is shown on a logarithmic curve with this alpha, as SAMesh has it."""


def picture(view: ViewImages, mode: Mode) -> UInt8:
    """(H, W, 3) uint8 sRGB: a view in one of the `MODES`, on white.

    `normal` shows normals in the camera's frame as colours, under a light at the camera; `diameter`
    the shape diameter on a perceptual colour map; `color` the base colour under the same light.
    """
    hit = view.hit
    if mode == "normal":
        shown = _normals(view)[hit] * _headlight(view)[hit][:, None]
    elif mode == "diameter":
        shown = _diameters(view.diameter[hit])
    else:
        shown = view.color[hit] / 255 * _headlight(view)[hit][:, None]
    image = np.full((*hit.shape, 3), BACKGROUND, np.uint8)
    image[hit] = np.rint(np.clip(shown, 0, 1) * 255).astype(np.uint8)
    return image


def perceptual_colors(values: NDArray[Any]) -> Float64:
    """(…, 3) float64 sRGB of values in [0, 1]: dark violet to light yellow, evenly to the eye.

    Lightness rises linearly in Oklab (Ottosson 2020) while the hue turns from violet over green to
    yellow, so that equal steps of the value are equal steps of what is seen.
    """
    share = np.clip(np.asarray(values, np.float64), 0, 1)
    lightness = 0.3 + 0.62 * share
    hue = np.radians(310.0 - 200.0 * share)
    chroma = 0.10 + 0.05 * np.sin(np.pi * share)
    a, b = chroma * np.cos(hue), chroma * np.sin(hue)
    roots = np.stack([lightness, a, b], axis=-1) @ _OKLAB_TO_ROOTS.T
    linear = np.clip(roots**3 @ _CONES_TO_RGB.T, 0, 1)
    encoded: Float64 = np.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055
    )
    return encoded


_OKLAB_TO_ROOTS = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_CONES_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def _normals(view: ViewImages) -> Float64:
    turned: Float64 = view.normal @ view.camera.rotation * 0.5 + 0.5
    return turned


def _headlight(view: ViewImages) -> Float64:
    """(H, W) float64: 1 where the surface faces the camera, 0.5 where it turns away."""
    facing: Float64 = -(view.normal @ view.camera.forward)
    return 0.5 + 0.5 * np.clip(facing, 0, 1)


def _diameters(diameter: NDArray[np.float32]) -> Float64:
    """(N, 3): colours, from the thinnest to the thickest place of the view."""
    low, high = (float(f(diameter)) for f in (np.min, np.max)) if len(diameter) else (0.0, 0.0)
    share = (diameter - low) / (high - low) if high > low else np.zeros_like(diameter)
    return perceptual_colors(np.log1p(LOG_CURVE * share) / np.log1p(LOG_CURVE))
