"""The pictures of a renders zip as arrays, each kind with its own encoding.

- Colour and `albedo`: (H, W, 4) uint8 sRGB with straight alpha. RGBA as PNG or WebP.
- `depth`: (H, W) float32 planar depth in units of the folder's own frame, infinite where nothing
  is. 16-bit grey, to be multiplied by `depth_scale`, or EXR with the channel Z; 0 where nothing is.
- `normal`, `normal_camera`: (H, W, 3) float32 of length 1 in the object's axes, or in the camera's
  (x right, y up, z towards the viewer); 0 where nothing is. RGB = (n + 1) / 2, black where nothing
  is.
- `part`: (H, W) int32, `NOTHING` in the background, `DROPPED` on a face of no part. 16-bit grey:
  part + 1, 0 in the background, 65535 on a face of no part.
- `face`: (H, W) int32 face of the object's GLB, or `NOTHING`. RGB: face + 1 in 24 bits, red the
  lowest.
- `mask`: (H, W) bool. 8-bit grey, 0 or 255.
- `position`: (H, W, 3) float32 in the folder's own frame, NaN where nothing is. EXR with the
  channels X, Y and Z.
- `boxes`: (H, W, 3) uint8. RGB as PNG or lossless WebP.

The bytes may come from anywhere: a picture of more than `MAX_PIXELS` is refused before it is
decoded.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import OpenEXR
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

NOTHING = -1
"""In label images: no surface."""

DROPPED = -2
"""In part images: a face that belongs to no part."""

DROPPED_GREY = 65535
"""How `DROPPED` is written."""

MAX_PIXELS = 1 << 24
"""Of the largest view that a rig can take."""

_DAMAGED = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
_EXR_MAGIC = b"\x76\x2f\x31\x01"


def decode_view(
    data: bytes, channel: str = "", *, depth_scale: float | None = None
) -> NDArray[Any]:
    """A view or one of its passes as the array that this module describes.

    Args:
        data: an encoded picture.
        channel: the pass, or nothing for a colour view.
        depth_scale: the depth of one grey step, which `depth` as grey needs.

    Raises:
        ValueError: the channel is unknown, or the picture is damaged, too large, or of another
            kind.
    """
    if channel == "depth":
        return decode_depth(data, depth_scale=depth_scale)
    if channel not in _DECODERS:
        known = ", ".join(sorted({*_DECODERS, "depth"} - {""}))
        raise ValueError(f"there is no pass {channel!r}; passes are {known}")
    return _DECODERS[channel](data)


def open_picture(data: bytes) -> Image.Image:
    """Decode a PNG or WebP as Pillow sees it.

    Raises:
        ValueError: it is neither, is damaged, or has more than `MAX_PIXELS`.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "WEBP")) as source:
            _check_size(source.width, source.height)
            source.load()
            return source.copy()
    except UnidentifiedImageError as error:
        raise ValueError(
            f"expected a PNG or WebP, found {len(data)} bytes of something else"
        ) from error
    except _DAMAGED as error:
        raise ValueError(
            f"expected a PNG or WebP of at most {MAX_PIXELS} pixels, found {len(data)} bytes "
            f"that cannot be decoded: {error}"
        ) from error


def decode_colour(data: bytes) -> NDArray[np.uint8]:
    """(H, W, 4) uint8 sRGB, straight alpha; 255 where the file has no alpha."""
    return np.asarray(_opened(data, "RGBA", "RGB").convert("RGBA"))


def decode_depth(data: bytes, *, depth_scale: float | None) -> NDArray[np.float32]:
    """(H, W) float32 planar depth, infinite where nothing is."""
    if data.startswith(_EXR_MAGIC):
        (depth,) = _exr_channels(data, "Z")
    elif depth_scale is None:
        raise ValueError("depth as a grey picture needs the depth_scale of its transforms.json")
    else:
        depth = _grey16(data) * np.float64(depth_scale)
    return np.where(depth > 0, depth, np.inf).astype(np.float32)


def decode_normal(data: bytes) -> NDArray[np.float32]:
    """(H, W, 3) float32 of length 1, 0 where nothing is."""
    bytes_ = decode_drawing(data)
    normal = bytes_ / np.float32(127.5) - 1
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return np.where(bytes_.any(axis=-1, keepdims=True), normal, np.float32(0))


def decode_part(data: bytes) -> NDArray[np.int32]:
    """(H, W) int32: part, `NOTHING` or `DROPPED`."""
    grey = _grey16(data).astype(np.int32)
    return np.where(grey == DROPPED_GREY, np.int32(DROPPED), grey - 1)


def decode_face(data: bytes) -> NDArray[np.int32]:
    """(H, W) int32: face of the object's GLB, or `NOTHING`."""
    face: NDArray[np.int32] = decode_drawing(data).astype(np.int32) @ np.array(
        [1, 1 << 8, 1 << 16], np.int32
    )
    return face - 1


def decode_mask(data: bytes) -> NDArray[np.bool_]:
    """(H, W) bool."""
    return np.asarray(_opened(data, "L")) > 127


def decode_position(data: bytes) -> NDArray[np.float32]:
    """(H, W, 3) float32 in the folder's own frame, NaN where nothing is."""
    return np.stack(_exr_channels(data, "X", "Y", "Z"), axis=-1)


def decode_drawing(data: bytes) -> NDArray[np.uint8]:
    """(H, W, 3) uint8."""
    return np.asarray(_opened(data, "RGB"))


_DECODERS: Mapping[str, Callable[[bytes], NDArray[Any]]] = {
    "": decode_colour,
    "albedo": decode_colour,
    "normal": decode_normal,
    "normal_camera": decode_normal,
    "part": decode_part,
    "face": decode_face,
    "mask": decode_mask,
    "position": decode_position,
    "boxes": decode_drawing,
}


def _grey16(data: bytes) -> NDArray[np.uint16]:
    return np.asarray(_opened(data, "I;16"), np.uint16)


def _opened(data: bytes, *modes: str) -> Image.Image:
    image = open_picture(data)
    if image.mode not in modes:
        raise ValueError(f"expected a picture of mode {' or '.join(modes)}, found {image.mode}")
    return image


def _check_size(width: int, height: int) -> None:
    if not 0 < width * height <= MAX_PIXELS:
        raise ValueError(f"it has {width} × {height} pixels")


def _exr_channels(data: bytes, *names: str) -> list[NDArray[np.float32]]:
    """The named channels, (H, W) float32 each, of an EXR that has just them."""
    try:
        header = OpenEXR.File(io.BytesIO(data), header_only=True).header()
        low, high = header["dataWindow"]
        width, height = (int(top) - int(bottom) + 1 for bottom, top in zip(low, high, strict=True))
        if width < 1 or height < 1:
            raise ValueError("it has no pixels")
        _check_size(width, height)
        found = [channel.name for channel in header["channels"]]
        if sorted(found) != sorted(names) or header["type"] != OpenEXR.scanlineimage:
            raise ValueError(f"it has the channels {', '.join(found)}")
        channels = OpenEXR.File(io.BytesIO(data), separate_channels=True, num_threads=0).channels()
        arrays = [channels[name].pixels for name in names]
        if any(each.shape != (height, width) or each.dtype != np.float32 for each in arrays):
            raise ValueError("its channels are not of 32-bit floats")
        return arrays
    except (*_DAMAGED, RuntimeError, KeyError) as error:
        raise ValueError(
            f"expected an EXR of at most {MAX_PIXELS} pixels with the channels "
            f"{', '.join(names)} in 32-bit floats, found {len(data)} bytes that cannot be "
            f"decoded: {error}"
        ) from error
