"""Encoded images as arrays, and colours read from them as a GPU's sampler would."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from partworks.geometry.mesh import Image, Wrap

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
UInt8 = NDArray[np.uint8]
UInt32 = NDArray[np.uint32]


MOST_TEXELS = 1 << 28
"""A picture of 16384 × 16384; what claims to be larger is not decoded."""

HELD_TEXELS = 1 << 26
"""Larger pictures are halved as they are decoded, so that several of them fit into a worker."""

_STRIP = 256
"""Rows that are converted or averaged at a time, for temporaries as large as a picture are many."""


def decode_image(image: Image, *, most: int = MOST_TEXELS) -> UInt8:
    """(H, W, 4) uint8: straight RGBA as stored, rows from the top; deeper images keep 8 bits.

    Args:
        image: PNG or JPEG.
        most: texels; the image is halved until it has no more.

    Raises:
        ValueError: the bytes are no image that Pillow reads, or one too large to be honest.
    """
    try:
        # `PIL.Image.open` would warn of pictures beyond 9500 × 9500; the limit here is our own.
        reader = PngImageFile if image.data.startswith(b"\x89PNG") else JpegImageFile
        with reader(io.BytesIO(image.data)) as opened:
            if opened.width * opened.height > MOST_TEXELS:
                size = f"{opened.width} × {opened.height}"
                raise OSError(f"it has {size} texels, the limit is {MOST_TEXELS}")
            return _texels(opened, most)
    except (OSError, SyntaxError, ValueError) as error:
        raise ValueError(
            f"image {image.name!r} of {len(image.data)} bytes ({image.mime}) is unreadable: {error}"
        ) from error


def _texels(opened: PillowImage.Image, most: int) -> UInt8:
    """The picture, strip by strip, halved until it has at most `most` texels."""
    width, height = opened.size
    halvings = 0
    while (max(width >> halvings, 1)) * (max(height >> halvings, 1)) > most:
        halvings += 1
    shape = (max(height >> halvings, 1), max(width >> halvings, 1))
    result = np.zeros((*shape, 4), np.uint8)
    for top in range(0, height, _STRIP << halvings):
        bottom = min(top + (_STRIP << halvings), height)
        strip = _rgba(opened.crop((0, top, width, bottom)))
        for _ in range(halvings):
            strip = _halve(strip)
        start = top >> halvings
        result[start : start + len(strip)] = strip[: shape[0] - start]
    return result


def _rgba(picture: PillowImage.Image) -> UInt8:
    if picture.mode.startswith("I"):  # 16 bits, which `convert` would clip to white
        grey = (np.array(picture, np.uint32) // np.uint32(256)).astype(np.uint8)
        return np.stack([grey, grey, grey, np.full_like(grey, 255)], axis=-1)
    return np.array(picture.convert("RGBA"), np.uint8)


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


Encoding = Literal["srgb", "linear"]

_LIGHT: Mapping[Encoding, Float32] = {
    "srgb": srgb_to_linear(np.arange(256) / 255),
    "linear": (np.arange(256) / 255).astype(np.float32),
}


class Texture:
    """A decoded image with its smaller versions, made when first asked for.

    Args:
        texels: (H, W, 4) uint8 with straight alpha.
        encoding: `srgb` for colours, `linear` for what is no colour, such as normals.
    """

    def __init__(self, texels: UInt8, encoding: Encoding = "srgb") -> None:
        self._levels = [np.ascontiguousarray(texels)]
        self._light = _LIGHT[encoding]

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
        height, width = texels.shape[:2]
        left, right, across = _neighbours(uv[:, 0], width, wrap[0])
        top, bottom, down = _neighbours(uv[:, 1], height, wrap[1])
        # A texel is looked up as one word: four times as quick as row, column and channel.
        words = texels.view(np.uint32).reshape(-1)
        top, bottom = top * width, bottom * width
        upper = self._blend(words[top + left], words[top + right], across)
        lower = self._blend(words[bottom + left], words[bottom + right], across)
        return upper + (lower - upper) * down[:, None]

    def _blend(self, first: UInt32, second: UInt32, weight: Float32) -> Float32:
        """Interpolate texels in linear light."""
        start, end = self._linear(first), self._linear(second)
        return start + (end - start) * weight[:, None]

    def _linear(self, words: UInt32) -> Float32:
        texels = words.view(np.uint8).reshape(-1, 4)
        result: Float32 = self._light[texels]
        result[:, 3] = texels[:, 3] / np.float32(255)
        return result


def _halve(texels: UInt8) -> UInt8:
    """Average blocks of 2 × 2 texels, each colour weighted by its alpha.

    Artists leave anything under transparent texels, and it must not bleed into the visible ones;
    but an opaque material ignores alpha, so that even alpha 0 has a little weight.
    """
    height, width = (max(side // 2, 1) for side in texels.shape[:2])
    halved = np.zeros((height, width, 4), np.uint8)
    for top in range(0, height, _STRIP):
        strip = texels[2 * top : 2 * (top + _STRIP)]
        halved[top : top + _STRIP] = _halve_strip(strip, (min(_STRIP, height - top), width))
    return halved


def _halve_strip(texels: UInt8, shape: tuple[int, int]) -> UInt8:
    height, width = shape
    quarters = [texels[y::2, x::2][:height, :width] for y in (0, 1) for x in (0, 1)]
    quarters = [quarter for quarter in quarters if quarter.shape[:2] == shape]
    if (texels[..., 3] == 255).all():  # all weights are the same
        sums = np.zeros((*shape, 4), np.uint16)
        for quarter in quarters:
            sums += quarter
        return ((sums + len(quarters) // 2) // len(quarters)).astype(np.uint8)
    total = np.zeros((*shape, 4), np.uint32)
    for quarter in quarters:
        weight = quarter[..., 3:].astype(np.uint32) + np.uint32(1)
        total[..., :3] += quarter[..., :3].astype(np.uint32) * weight
        total[..., 3:] += weight
    halved = np.zeros((*shape, 4), np.uint8)
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
