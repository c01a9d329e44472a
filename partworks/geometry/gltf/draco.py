"""KHR_draco_mesh_compression: Draco's bytes to arrays, with the sizes checked before decoding.

Compressed primitives are decoded by the DracoPy package; faces keep the decoder's order, which is
the order that three.js and trimesh show as well.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import DracoPy
import numpy as np
from numpy.typing import NDArray

from partworks.errors import Rejected

_HEADER = struct.Struct("<5sBBBBH")  # magic, major, minor, encoder type, encoder method, flags
_MESH, _EDGEBREAKER, _HAS_METADATA = 1, 1, 0x8000


@dataclass(frozen=True, slots=True, kw_only=True)
class DracoMesh:
    """A decoded Draco mesh.

    Attributes:
        faces: (F, 3) uint32.
        attributes: Draco's unique attribute id -> (V, width) array.
    """

    faces: NDArray[Any]
    attributes: Mapping[int, NDArray[Any]]


def decode_draco(data: bytes, *, max_faces: int, max_vertices: int, where: str) -> DracoMesh:
    """Decode a Draco mesh.

    Damaged bytes can keep the decoder busy for seconds before it gives up; whoever reads foreign
    files sets a deadline.

    Args:
        data: the compressed bytes.
        max_faces: more faces in the header than the glTF accessors promise are refused unread.
        max_vertices: as for faces.
        where: the primitive, for messages.

    Raises:
        Rejected: `bad_draco` if the bytes are not a Draco mesh or break their promise.
    """
    vertices, faces = _counts(data, where)
    if vertices > max_vertices or faces > max_faces:
        raise Rejected(
            "bad_draco",
            f"{where} holds {vertices} vertices and {faces} faces in its Draco data, "
            f"its accessors promise {max_vertices} and {max_faces}",
        )
    try:
        decoded = DracoPy.decode(data)
    except (DracoPy.FileTypeException, ValueError, TypeError) as error:
        raise Rejected("bad_draco", f"{where}: Draco cannot decode it: {error}") from None
    arrays = {entry["unique_id"]: np.asarray(entry["data"]) for entry in decoded.attributes}
    return DracoMesh(
        faces=np.asarray(decoded.faces).reshape(-1, 3),
        attributes={key: values.reshape(len(values), -1) for key, values in arrays.items()},
    )


def _counts(data: bytes, where: str) -> tuple[int, int]:
    """Vertices and faces that the header claims; bitstream 2.2, the one that glTF allows."""
    try:
        magic, major, minor, kind, method, flags = _HEADER.unpack_from(data)
        if magic != b"DRACO" or kind != _MESH or (major, minor) != (2, 2) or method > _EDGEBREAKER:
            raise Rejected(
                "bad_draco",
                f"{where} starts with {bytes(data[:9])!r}, expected a Draco 2.2 mesh",
            )
        if flags & _HAS_METADATA:
            return 0, 0  # the counts lie behind the metadata; Draco's own checks must do
        start = _HEADER.size
        if method == _EDGEBREAKER:
            start += 1  # the traversal type
            vertices, start = _varint(data, start)
            faces, _ = _varint(data, start)
        else:
            faces, start = _varint(data, start)
            vertices, _ = _varint(data, start)
    except (IndexError, struct.error):
        raise Rejected("bad_draco", f"{where}: its Draco data ends in the header") from None
    return vertices, faces


def _varint(data: bytes, start: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[start]
        value |= (byte & 0x7F) << shift
        start, shift = start + 1, shift + 7
        if byte < 0x80 or shift > 35:
            return value, start
