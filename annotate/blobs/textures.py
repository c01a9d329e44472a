"""Small copies of an object's pictures."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image as Pillow
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from partworks.geometry.image_sampling import decode_image
from partworks.geometry.mesh import Image

QUALITY = 85
SMALLEST_SIDE = 64


def encode_textures(
    images: Sequence[Image], *, most_side: int, most_texels: int
) -> tuple[list[bytes], int]:
    """Each picture as WebP, and the longest side that was allowed.

    That is `most_side`, halved until all of them together have at most `most_texels`, or each is
    64 wide. Alpha is kept where it says anything; a picture that cannot be decoded is grey.
    """
    sizes = [_size(image) for image in images]
    side = most_side
    while side > SMALLEST_SIDE and sum(_texels(size, side) for size in sizes) > most_texels:
        side //= 2
    return [_encode(image, side) for image in images], side


def _size(image: Image) -> tuple[int, int]:
    """Width and height by the picture's header."""
    reader = PngImageFile if image.data.startswith(b"\x89PNG") else JpegImageFile
    try:
        with reader(io.BytesIO(image.data)) as opened:
            return opened.size
    except (OSError, SyntaxError, ValueError):
        return 1, 1


def _fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(size))
    width, height = (max(1, round(length * scale)) for length in size)
    return width, height


def _texels(size: tuple[int, int], side: int) -> int:
    width, height = _fitted(size, side)
    return width * height


def _encode(image: Image, side: int) -> bytes:
    try:
        # Four times as many texels as are kept: the last halving is left to a better filter.
        texels = decode_image(image, most=4 * side * side)
    except ValueError:
        texels = np.full((1, 1, 4), (128, 128, 128, 255), np.uint8)
    opaque = bool((texels[..., 3] == 255).all())
    picture = Pillow.fromarray(texels[..., :3] if opaque else texels)
    if max(picture.size) > side:
        picture = picture.resize(_fitted(picture.size, side), Pillow.Resampling.LANCZOS)
    buffer = io.BytesIO()
    # `exact` keeps the colour under transparent texels, which opaque materials show.
    picture.save(buffer, "WEBP", quality=QUALITY, method=4, exact=True)
    return buffer.getvalue()
