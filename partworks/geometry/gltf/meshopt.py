"""EXT_meshopt_compression and KHR_meshopt_compression: a buffer view's bytes, with sizes checked.

The two say the same of a buffer view; the later one allows version 1 streams and colours.
"""

from __future__ import annotations

from partworks.errors import Rejected
from partworks.geometry.gltf.fields import Fields
from partworks.geometry.meshopt.attributes import decode_attributes
from partworks.geometry.meshopt.damage import Damaged
from partworks.geometry.meshopt.filters import FILTERS
from partworks.geometry.meshopt.sequence import decode_sequence
from partworks.geometry.meshopt.triangles import decode_triangles

MESHOPT = ("EXT_meshopt_compression", "KHR_meshopt_compression")

_ELEMENT = 64
"""Bytes of an element, when there are as many as may be."""


def compression(view: Fields) -> Fields | None:
    """What a buffer view says of its compression, None where it is plain."""
    found = (view.extension(name) for name in MESHOPT)
    return next((extension for extension in found if extension is not None), None)


def decode_meshopt(extension: Fields, content: memoryview, *, max_count: int) -> bytes:
    """The plain bytes of a compressed buffer view.

    Args:
        extension: what `compression` gives.
        content: the compressed bytes.
        max_count: the most elements that are decoded: a stream of some bytes may claim millions.

    Raises:
        Rejected: `bad_meshopt` or `too_large`.
    """
    count, stride = extension.needed_integer("count"), extension.needed_integer("byteStride")
    if count > max_count or count * stride > _ELEMENT * max_count:
        raise Rejected(
            "too_large",
            f"{extension.where} claims {count} elements of {stride} bytes; "
            f"the limits are {max_count} elements and {_ELEMENT * max_count} bytes",
        )
    try:
        return _decode(bytes(content), extension, count=count, stride=stride)
    except Damaged as error:
        raise Rejected("bad_meshopt", f"{extension.where}: {error}") from None


def _decode(data: bytes, extension: Fields, *, count: int, stride: int) -> bytes:
    mode = extension.text("mode")
    if mode == "ATTRIBUTES":
        elements = decode_attributes(data, count=count, stride=stride)
        wanted = extension.text("filter", "NONE")
        if wanted != "NONE":
            if wanted not in FILTERS:
                raise Damaged(f"filter {wanted[:60]!r}, expected {', '.join(FILTERS)}")
            elements = FILTERS[wanted](elements)
        return elements.tobytes()
    if mode not in ("TRIANGLES", "INDICES"):
        raise Damaged(f"mode {mode[:60]!r}, expected ATTRIBUTES, TRIANGLES or INDICES")
    if stride not in (2, 4):
        raise Damaged(f"indices of {stride} bytes, expected 2 or 4")
    decode = decode_triangles if mode == "TRIANGLES" else decode_sequence
    indices = decode(data, count=count)
    if stride == 2 and count and int(indices.max()) > 0xFFFF:
        raise Damaged(f"index {int(indices.max())} in indices of 2 bytes")
    return indices.astype(f"<u{stride}").tobytes()
