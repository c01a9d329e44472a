"""STL, binary and ASCII: three vertices of its own for every face."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from partworks.errors import Rejected
from partworks.geometry.formats.text import decode_text
from partworks.geometry.limits import LoadLimits
from partworks.geometry.mesh import Mesh, MeshNode
from partworks.geometry.side_files import SideFiles

_RECORD = np.dtype([("normal", "<f4", (3,)), ("vertices", "<f4", (3, 3)), ("attribute", "<u2")])
_HEADER_SIZE = 84
_SOLID = re.compile(r"^[ \t]*solid\b[ \t]*(.*)$", re.IGNORECASE | re.MULTILINE)
_VERTEX = re.compile(r"\bvertex\s+(\S+)\s+(\S+)\s+(\S+)", re.IGNORECASE)


def read_stl(
    data: bytes, files: SideFiles, *, limits: LoadLimits, warn: Callable[[str], None]
) -> Mesh:
    """Read an STL file: one node per solid, named as it is. Normals and colours are not read.

    Args:
        data: the file; a binary one may start with `solid` too.
        files: not needed.
        limits: what is too large.
        warn: not needed.

    Raises:
        Rejected: `invalid_stl`, `truncated` or `too_many_faces`.
    """
    del files, warn
    if _is_ascii(data):
        return Mesh(nodes=tuple(_ascii_solids(decode_text(data), limits)))
    return Mesh(nodes=(_binary(data, limits),))


def _is_ascii(data: bytes) -> bool:
    """Binary if the size is what the header says; the word `solid` proves nothing."""
    if len(data) >= _HEADER_SIZE:
        (count,) = struct.unpack_from("<I", data, 80)
        if len(data) == _HEADER_SIZE + count * _RECORD.itemsize:
            return False
    start = decode_text(data[:4096]).lstrip().lower()
    return start.startswith("solid") and ("facet" in start or "endsolid" in start)


def _binary(data: bytes, limits: LoadLimits) -> MeshNode:
    if len(data) < _HEADER_SIZE:
        raise Rejected("invalid_stl", f"{len(data)} bytes are neither an ASCII nor a binary STL")
    (count,) = struct.unpack_from("<I", data, 80)
    size = _HEADER_SIZE + count * _RECORD.itemsize
    if size > len(data):
        raise Rejected(
            "truncated", f"the STL says {count} faces, {size} bytes, and has {len(data)}"
        )
    _check_count(count, limits)
    table = np.frombuffer(data, _RECORD, count, _HEADER_SIZE)
    return _soup(table["vertices"].reshape(-1, 3).astype(np.float32), "")


def _ascii_solids(text: str, limits: LoadLimits) -> list[MeshNode]:
    starts = list(_SOLID.finditer(text))
    if not starts:
        raise Rejected("invalid_stl", "the ASCII STL has no line that begins a solid")
    ends = [*(match.start() for match in starts[1:]), len(text)]
    solids = []
    for match, end in zip(starts, ends, strict=True):
        words = [word for row in _VERTEX.findall(text, match.end(), end) for word in row]
        try:
            numbers = np.fromiter(map(float, words), np.float64, len(words))
        except ValueError as error:
            raise Rejected("invalid_stl", f"a vertex is no number: {error}") from None
        if len(numbers) % 9:
            raise Rejected("truncated", f"solid {match[1][:60]!r} ends inside a face")
        _check_count(len(numbers) // 9, limits)
        solids.append(_soup(numbers.reshape(-1, 3).astype(np.float32), match[1].strip()))
    return solids


def _check_count(count: int, limits: LoadLimits) -> None:
    if count > limits.max_faces:
        raise Rejected(
            "too_many_faces", f"the STL has {count} faces, the limit is {limits.max_faces}"
        )


def _soup(vertices: NDArray[np.float32], name: str) -> MeshNode:
    faces = np.arange(len(vertices), dtype=np.int32).reshape(-1, 3)
    return MeshNode(vertices=vertices, faces=faces, name=name, mesh_name=name)
