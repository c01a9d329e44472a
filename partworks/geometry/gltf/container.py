"""The GLB container: a 12-byte header, a JSON chunk and at most one BIN chunk."""

from __future__ import annotations

import struct

from partworks.errors import Rejected

MAGIC = b"glTF"
_HEADER, _CHUNK = struct.Struct("<4sII"), struct.Struct("<I4s")


def split_glb(data: bytes) -> tuple[bytes, memoryview | None]:
    """The JSON text and the content of the BIN chunk, None where there is none.

    Chunks of other types are skipped, as the specification asks.

    Raises:
        Rejected: `truncated`, `unsupported_version` or `invalid_gltf`.
    """
    if len(data) < _HEADER.size:
        raise Rejected("truncated", f"the GLB has {len(data)} bytes, its header alone has 12")
    _, version, size = _HEADER.unpack_from(data)
    if version != 2:
        raise Rejected("unsupported_version", f"GLB container version {version}, expected 2")
    if size > len(data):
        raise Rejected(
            "truncated", f"the GLB says it has {size} bytes and has {len(data)}; fetch it again"
        )
    chunks = _chunks(memoryview(data)[:size])
    if not chunks or chunks[0][0] != b"JSON":
        raise Rejected("invalid_gltf", "the first chunk of the GLB is not JSON")
    binary = [content for kind, content in chunks[1:] if kind == b"BIN\0"]
    return bytes(chunks[0][1]), binary[0] if binary else None


def _chunks(data: memoryview) -> list[tuple[bytes, memoryview]]:
    chunks = []
    start = _HEADER.size
    while start < len(data):
        if start + _CHUNK.size > len(data):
            raise Rejected("truncated", f"the GLB ends inside a chunk header at byte {start}")
        size, kind = _CHUNK.unpack_from(data, start)
        start += _CHUNK.size
        if start + size > len(data):
            raise Rejected(
                "truncated",
                f"chunk {kind!r} says it has {size} bytes, {len(data) - start} are left in the GLB",
            )
        chunks.append((kind, data[start : start + size]))
        start += size
    return chunks
