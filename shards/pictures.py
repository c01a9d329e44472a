"""How the pictures of a sample are encoded.

Colours as WebP with loss, their alpha without; everything that stands for a number without loss:
parts and normals as WebP, depth as 16-bit PNG, which WebP has no room for.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from partworks.artifacts.renders import Renders
from partworks.artifacts.view_images import decode_drawing, decode_view, open_picture
from partworks.geometry.boxes import draw_boxes
from shards.selection import Selection
from shards.views import COLOUR, GREYS, PARTS, Picture, ViewSet, render_pass

_LOSSLESS_EFFORT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """Encodes what was chosen of one object's renders.

    Attributes:
        renders: the source of all pictures.
        numbers: (labels,) uint8 number of each label in pictures of parts, see `part_numbers`.
        quality: of colours as WebP, 1 to 100.
        method: of WebP, 0 (fast) to 6 (small).
    """

    renders: Renders
    numbers: NDArray[np.uint8]
    quality: int
    method: int

    def encode(self, views: ViewSet) -> dict[str, bytes]:
        """The members of the sample that hold these views."""
        return {picture.member: self._encode(picture, views) for picture in views.pictures}

    def _encode(self, picture: Picture, views: ViewSet) -> bytes:
        data, channel = self.renders.read(picture.source), picture.channel
        if channel in (COLOUR, "albedo"):
            return encode_view(data, quality=self.quality, method=self.method)
        if channel == PARTS:
            return encode_parts(decode_view(data, render_pass(channel)), self.numbers)
        if channel == "depth":
            scale = views.table["depth_scale"]
            return encode_depth(decode_view(data, "depth", depth_scale=scale), scale=scale)
        return encode_drawing(decode_drawing(data))


def wireframes(views: ViewSet, selection: Selection) -> dict[str, bytes]:
    """`boxes.00.webp` …: the boxes of the parts, as the cameras of the object's views see them."""
    boxes = np.stack([part.box for part in selection.kept])
    return {
        f"boxes.{index:02d}.webp": encode_drawing(draw_boxes(boxes, camera))
        for index, camera in enumerate(views.cameras)
    }


def part_numbers(selection: Selection, *, count: int) -> NDArray[np.uint8]:
    """(count + 2,) uint8 by label: one more than the part's place in the sample, 0 if it has none.

    The last two are 0, so that the negative labels for nothing and for dropped faces give 0 too.
    """
    numbers = np.zeros(count + 2, np.uint8)
    for index, part in enumerate(selection.kept):
        numbers[list(part.labels)] = index + 1
    return numbers


def encode_view(data: bytes, *, quality: int, method: int) -> bytes:
    """Encode a rendered view, PNG or WebP, as WebP; alpha, where there is any, stays exact."""
    image = open_picture(data)
    mode = "RGBA" if "A" in image.getbands() else "RGB"
    return _webp(image.convert(mode), quality=quality, method=method, lossless=False)


def encode_drawing(pixels: NDArray[np.uint8]) -> bytes:
    """Encode (H, W, 3) uint8 without loss, so that each colour still means what it did."""
    return _webp(Image.fromarray(pixels), quality=100, method=_LOSSLESS_EFFORT, lossless=True)


def encode_parts(labels: NDArray[np.int32], numbers: NDArray[np.uint8]) -> bytes:
    """Encode (H, W) part labels, negative for none, as their numbers; three equal channels."""
    return encode_drawing(np.repeat(numbers[labels][..., None], 3, axis=2))


def encode_depth(depth: NDArray[np.float32], *, scale: float) -> bytes:
    """Encode (H, W) depth, infinite where nothing is, as 16-bit grey steps of `scale`; 0 there."""
    steps = np.divide(depth, scale, where=np.isfinite(depth), out=np.zeros(depth.shape))
    image = Image.fromarray(np.clip(np.rint(steps), 0, GREYS).astype(np.uint16))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=4)
    return buffer.getvalue()


def _webp(image: Image.Image, *, quality: int, method: int, lossless: bool) -> bytes:
    options: dict[str, Any] = {"alpha_quality": 100, "lossless": lossless}
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=quality, method=method, **options)
    return buffer.getvalue()
