"""KTX2 textures that hold plain 8-bit texels; those of Basis Universal need a transcoder.

Source: KTX File Format Specification 2.0, sections 2 to 4.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image as Pillow

MAGIC = b"\xabKTX 20\xbb\r\n\x1a\n"
_HEADER, _LEVEL = struct.Struct("<9I"), struct.Struct("<QQQ")
_LEVELS_AT = 80
_PLAIN, _ZLIB = 0, 3
# VkFormat (normalised or sRGB) -> mode of the picture, order of the stored bytes
_FORMATS: Mapping[int, tuple[str, str]] = {
    **dict.fromkeys((9, 15), ("L", "L")),
    **dict.fromkeys((23, 29), ("RGB", "RGB")),
    **dict.fromkeys((30, 36), ("RGB", "BGR")),
    **dict.fromkeys((37, 43), ("RGBA", "RGBA")),
    **dict.fromkeys((44, 50), ("RGBA", "BGRA")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the head of a file says of its largest level.

    Attributes:
        width: in texels. height: the same.
        mode: of the picture. order: of the stored bytes.
        start: of the level in the file. stored: its bytes there.
        packed: whether they are deflated.
    """

    width: int
    height: int
    mode: str
    order: str
    start: int
    stored: int
    packed: bool


def read_header(data: bytes) -> Header | None:
    """The head of a flat picture of plain texels; None for another kind of texture.

    Raises:
        struct.error: the file ends in its head.
    """
    form, _, width, height, depth, layers, faces, _, scheme = _HEADER.unpack_from(data, len(MAGIC))
    flat = depth == 0 and layers == 0 and faces == 1 and width > 0 and height > 0
    if not flat or form not in _FORMATS or scheme not in (_PLAIN, _ZLIB):
        return None
    start, stored, _ = _LEVEL.unpack_from(data, _LEVELS_AT)
    mode, order = _FORMATS[form]
    return Header(
        width=width,
        height=height,
        mode=mode,
        order=order,
        start=start,
        stored=stored,
        packed=scheme == _ZLIB,
    )


def read_picture(data: bytes, header: Header) -> Pillow.Image:
    """The picture, whose size the caller has found harmless.

    Raises:
        ValueError: the level is not of the size that its format and sides ask for.
    """
    size = header.width * header.height * len(header.order)
    texels = data[header.start : header.start + header.stored]
    if header.packed:
        try:
            texels = zlib.decompressobj().decompress(texels, size + 1)
        except zlib.error as error:
            raise ValueError(f"a KTX2 level cannot be inflated: {error}") from None
    if len(texels) != size:
        raise ValueError(f"a KTX2 level of {len(texels)} bytes, expected {size}")
    return Pillow.frombytes(header.mode, (header.width, header.height), texels, "raw", header.order)
