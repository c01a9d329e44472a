"""OFF, the ASCII form: vertices and polygons."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from partworks.errors import Rejected
from partworks.geometry.formats.polygons import triangulate
from partworks.geometry.formats.text import decode_text
from partworks.geometry.limits import LoadLimits
from partworks.geometry.mesh import Mesh, MeshNode
from partworks.geometry.side_files import SideFiles

_HEADER = re.compile(r"(ST)?C?N?OFF\b", re.IGNORECASE)


def read_off(
    data: bytes, files: SideFiles, *, limits: LoadLimits, warn: Callable[[str], None]
) -> Mesh:
    """Read an OFF file as one node; colours, normals and UVs are not read.

    Args:
        data: the file.
        files: not needed.
        limits: what is too large.
        warn: takes `ignored_points_or_lines`.

    Raises:
        Rejected: `invalid_off`, `truncated`, `index_out_of_range`, `points_only` …
    """
    del files
    vertex_count, rows = _body(data)
    vertices = _vertices(rows[:vertex_count])
    polygons = _polygons(rows[vertex_count:])
    if any(len(polygon) < 3 for polygon in polygons):
        warn("ignored_points_or_lines")
    polygons = [polygon for polygon in polygons if len(polygon) > 2]
    if not polygons:
        raise Rejected("points_only", "the OFF holds vertices and no faces")
    counts = np.fromiter(map(len, polygons), np.int64, len(polygons))
    if int((counts - 2).sum()) > limits.max_faces:
        raise Rejected("too_many_faces", f"the OFF has more than {limits.max_faces} triangles")
    corners = np.asarray([index for polygon in polygons for index in polygon])
    wrong = (corners < 0) | (corners >= vertex_count)
    if wrong.any():
        index = corners[int(np.flatnonzero(wrong)[0])]
        raise Rejected("index_out_of_range", f"a face uses vertex {index} of {vertex_count}")
    triangles = triangulate(vertices[corners], counts)
    positions = vertices.astype(np.float32)
    faces = corners[triangles.corners].astype(np.int32)
    return Mesh(nodes=(MeshNode(vertices=positions, faces=faces),))


def _body(data: bytes) -> tuple[int, list[list[str]]]:
    """The number of vertices, and the words of the vertex and face lines."""
    lines = [line.split("#", 1)[0].split() for line in decode_text(data).split("\n")]
    rows = [line for line in lines if line]
    if not rows or not _HEADER.match(rows[0][0]) or "BINARY" in rows[0]:
        found = " ".join(rows[0])[:60] if rows else ""
        raise Rejected("invalid_off", f"the file starts with {found!r}, expected ASCII OFF")
    rows[0] = rows[0][1:]  # the counts may stand on the first line
    rows = rows if rows[0] else rows[1:]
    counts = rows[0][:2] if rows else []
    if len(counts) < 2 or not all(word.isdecimal() and len(word) < 19 for word in counts):
        raise Rejected("invalid_off", f"expected the counts of vertices and faces, found {counts}")
    vertex_count, face_count = map(int, counts)
    if len(rows) - 1 < vertex_count + face_count:
        raise Rejected(
            "truncated",
            f"the OFF says {vertex_count} vertices and {face_count} faces, {len(rows) - 1} lines "
            "follow",
        )
    return vertex_count, rows[1 : 1 + vertex_count + face_count]


def _vertices(rows: list[list[str]]) -> NDArray[np.float64]:
    try:
        numbers = [float(word) for row in rows for word in row[:3]]
    except ValueError as error:
        raise Rejected("invalid_off", f"a vertex is no number: {error}") from None
    if len(numbers) != 3 * len(rows):
        raise Rejected("invalid_off", "a vertex has fewer than three numbers")
    return np.asarray(numbers).reshape(-1, 3)


def _polygons(rows: list[list[str]]) -> list[list[int]]:
    polygons = []
    for row in rows:
        try:
            count, *rest = map(int, row[: int(row[0]) + 1])
        except ValueError as error:
            raise Rejected("invalid_off", f"a face is no list of numbers: {error}") from None
        if count < 0 or len(rest) != count or any(abs(index) >> 62 for index in rest):
            raise Rejected(
                "invalid_off",
                f"face row {' '.join(row)[:60]!r}, expected a count and as many vertices",
            )
        polygons.append(rest)
    return polygons
