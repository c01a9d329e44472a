"""Encoded images as arrays, and colours read from them as a GPU's sampler would."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from partworks.geometry.mesh import Image, Wrap

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
UInt8 = NDArray[np.uint8]


def decode_image(image: Image) -> UInt8:
    """(H, W, 4) uint8: straight RGBA as stored, rows from the top; deeper images keep 8 bits.

    Raises:
        ValueError: the bytes are no image that Pillow reads, or one too large to be honest.
    """
    try:
        with PillowImage.open(io.BytesIO(image.data), formats=("PNG", "JPEG")) as opened:
            if opened.mode.startswith("I"):  # 16 bits, which `convert` would clip to white
                grey = (np.array(opened, np.uint32) // np.uint32(256)).astype(np.uint8)
                return np.stack([grey, grey, grey, np.full_like(grey, 255)], axis=-1)
            return np.array(opened.convert("RGBA"), np.uint8)
    except (OSError, SyntaxError, PillowImage.DecompressionBombError) as error:
        raise ValueError(
            f"image {image.name!r} of {len(image.data)} bytes ({image.mime}) is unreadable: {error}"
        ) from error


def srgb_to_linear(values: NDArray[Any]) -> Float32:
    """Linear light of sRGB values in [0, 1], float32 of the same shape (IEC 61966-2-1)."""
    low = values / 12.92
    high = ((np.maximum(values, 0) + 0.055) / 1.055) ** 2.4
    return np.where(values <= 0.04045, low, high).astype(np.float32)


def linear_to_srgb(values: NDArray[Any]) -> Float32:
    """The inverse of `srgb_to_linear`."""
    low = values * 12.92
    high = 1.055 * np.maximum(values, 0) ** (1 / 2.4) - 0.055
    return np.where(values <= 0.0031308, low, high).astype(np.float32)


_LINEAR = srgb_to_linear(np.arange(256) / 255)


class Texture:
    """A decoded image with its smaller versions, made when first asked for.

    Args:
        texels: (H, W, 4) uint8, sRGB with straight alpha.
    """

    def __init__(self, texels: UInt8) -> None:
        self._levels = [texels]

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of level 0."""
        height, width = self._levels[0].shape[:2]
        return height, width

    @property
    def last_level(self) -> int:
        """The level at which the shorter side is down to one texel."""
        return min(self.shape).bit_length() - 1

    def level(self, index: int) -> UInt8:
        """(H >> index, W >> index, 4) uint8: the image reduced by `index` halvings."""
        while len(self._levels) <= index:
            finer = self._levels[-1]
            self._levels.append(_halve(finer))
        return self._levels[index]

    def sample(self, uv: Float64, *, wrap: tuple[Wrap, Wrap], level: int = 0) -> Float32:
        """(N, 4) float32 linear RGBA at `uv` by bilinear interpolation.

        Args:
            uv: (N, 2) with (0, 0) at the outer corner of the top left texel; values that are not
                finite count as 0.
            wrap: how u and v outside [0, 1] are read.
            level: how often the image is halved first, at most `last_level`.
        """
        texels = self.level(level)
        (left, right, across), (top, bottom, down) = (
            _neighbours(uv[:, axis], texels.shape[1 - axis], wrap[axis]) for axis in (0, 1)
        )
        upper = _blend(texels[top, left], texels[top, right], across)
        lower = _blend(texels[bottom, left], texels[bottom, right], across)
        return upper + (lower - upper) * down[:, None]


def _halve(texels: UInt8) -> UInt8:
    """Average blocks of 2 × 2 texels, each colour weighted by its alpha.

    Artists leave anything under transparent texels, and it must not bleed into the visible ones;
    but an opaque material ignores alpha, so that even alpha 0 has a little weight.
    """
    height, width = (max(side // 2, 1) for side in texels.shape[:2])
    quarters = [texels[y::2, x::2][:height, :width] for y in (0, 1) for x in (0, 1)]
    quarters = [quarter for quarter in quarters if quarter.shape[:2] == (height, width)]
    total = np.zeros((height, width, 4), np.uint32)
    for quarter in quarters:
        weight = quarter[..., 3:].astype(np.uint32) + np.uint32(1)
        total[..., :3] += quarter[..., :3].astype(np.uint32) * weight
        total[..., 3:] += weight
    halved = np.zeros((height, width, 4), np.uint8)
    halved[..., :3] = (total[..., :3] + total[..., 3:] // 2) // total[..., 3:]
    halved[..., 3] = (total[..., 3] - len(quarters) + len(quarters) // 2) // len(quarters)
    return halved


def _neighbours(
    coordinate: Float64, size: int, wrap: Wrap
) -> tuple[NDArray[np.int64], NDArray[np.int64], Float32]:
    """The two texels on both sides of a coordinate and the weight of the second."""
    finite = np.where(np.isfinite(coordinate), coordinate, 0.0)
    # Brought near [0, 1] first: a coordinate of 1e30 has no integer texel.
    inside = np.clip(finite, -1, 2) if wrap == "clamp" else finite % 2.0
    position = inside * size - 0.5
    first = np.floor(position).astype(np.int64)
    weight = (position - first).astype(np.float32)
    return _wrapped(first, size, wrap), _wrapped(first + 1, size, wrap), weight


def _wrapped(index: NDArray[np.int64], size: int, wrap: Wrap) -> NDArray[np.int64]:
    if wrap == "clamp":
        return index.clip(0, size - 1)
    if wrap == "repeat":
        return index % size
    turned = index % (2 * size)
    return np.minimum(turned, 2 * size - 1 - turned)


def _blend(first: UInt8, second: UInt8, weight: Float32) -> Float32:
    """Interpolate texels in linear light."""
    start, end = _linear(first), _linear(second)
    return start + (end - start) * weight[:, None]


def _linear(texels: UInt8) -> Float32:
    result = _LINEAR[texels]
    result[:, 3] = texels[:, 3] / np.float32(255)
    return result
