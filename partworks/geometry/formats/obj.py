"""Wavefront OBJ: faces in file order, one node per object, group and material.

A node begins where a combination of `o`, `g` and `usemtl` appears for the first time; faces that
come back to it later join it. Its name is the group's, its mesh name the object's, each standing in
where the other is missing. Polygons are triangulated in place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from partworks.errors import Rejected
from partworks.geometry.formats.mtl import MtlLibrary
from partworks.geometry.formats.polygons import triangulate
from partworks.geometry.formats.text import decode_text
from partworks.geometry.image_sampling import srgb_to_linear
from partworks.geometry.limits import LoadLimits
from partworks.geometry.mesh import Float32, Mesh, MeshNode
from partworks.geometry.pictures import Pictures
from partworks.geometry.side_files import SideFiles

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
_CONTINUED = re.compile(r"\\[ \t]*\n")


def read_obj(
    data: bytes, files: SideFiles, *, limits: LoadLimits, warn: Callable[[str], None]
) -> Mesh:
    """Read an OBJ file.

    Vertices are the distinct combinations of position, UV and normal, by first use. UVs get glTF's
    origin; colours behind positions are taken as sRGB, white where only some vertices have them.

    Args:
        data: the file, in UTF-8, UTF-16 or an 8-bit encoding.
        files: its material libraries and images.
        limits: what is too large.
        warn: takes words of `partworks.geometry.load.WARNINGS`.

    Raises:
        Rejected: `invalid_obj`, `index_out_of_range`, `points_only`, `lines_only` …
    """
    if data.count(b"\nf ") > limits.max_faces:
        raise Rejected("too_many_faces", f"the OBJ has more than {limits.max_faces} faces")
    if data.count(b"\nv ") > limits.max_vertices:
        raise Rejected("too_many_vertices", f"the OBJ has more than {limits.max_vertices} vertices")
    statements = _Statements()
    for line in _CONTINUED.sub(" ", decode_text(data)).split("\n"):
        statements.take(line)
    if not statements.counts:
        statements.reject_nothing()
    if statements.others:
        warn("ignored_points_or_lines")
    library = MtlLibrary(files, read_picture=Pictures(limits, warn).read, warn=warn)
    for name in statements.libraries:
        library.add(name)
    return _build(statements, library, limits)


class _Statements:
    """What the lines of an OBJ say, as text until all of it is known."""

    def __init__(self) -> None:
        self.rows: dict[str, list[str]] = {"v": [], "vt": [], "vn": []}
        self.libraries: list[str] = []
        self.corner_ids: dict[str, int] = {}  # '3/1/2' -> id, by first use
        self.corners: list[int] = []
        self.counts: list[int] = []
        self.face_key: list[int] = []
        self.keys: dict[tuple[str, str, str | None], int] = {}
        self.others: set[str] = set()
        self._object = self._group = ""
        self._material: str | None = None

    def take(self, line: str) -> None:
        """Note one logical line."""
        words = line.split(None, 1)
        if len(words) < 2 or words[0].startswith("#"):
            return
        keyword, rest = words
        if keyword in self.rows:
            self.rows[keyword].append(rest)
        elif keyword == "f":
            self._face(rest)
        elif keyword == "usemtl":
            self._material = rest.strip()
        elif keyword == "o":
            self._object = rest.strip()
        elif keyword == "g":
            self._group = rest.strip()
        elif keyword == "mtllib":
            self.libraries.append(rest.strip())
        elif keyword in ("l", "p"):
            self.others.add(keyword)

    def _face(self, rest: str) -> None:
        corners = rest.split("#", 1)[0].split()
        if len(corners) < 3:
            self.others.add("l")
            return
        if "-" in rest:
            corners = [self._absolute(corner) for corner in corners]
        ids = self.corner_ids
        self.corners += [ids.setdefault(corner, len(ids)) for corner in corners]
        self.counts.append(len(corners))
        key = (self._object, self._group, self._material)
        self.face_key.append(self.keys.setdefault(key, len(self.keys)))

    def _absolute(self, corner: str) -> str:
        """A corner with its relative (negative) indices counted from the lines read so far."""
        have = [len(rows) for rows in self.rows.values()]
        absolute = []
        for part, count in zip(corner.split("/"), have, strict=False):
            index = _integer(part or "0", corner)
            absolute.append(str(index + count + 1 if index < 0 else index))
            if index < -count:
                _out_of_range(corner, index, count)
        return "/".join(absolute)

    def reject_nothing(self) -> NoReturn:
        """Say why there are no faces."""
        if "l" in self.others:
            raise Rejected("lines_only", "the OBJ holds lines and no faces")
        if self.rows["v"]:
            raise Rejected("points_only", "the OBJ holds vertices and no faces")
        raise Rejected("not_a_model", "the OBJ holds neither vertices nor faces")

    def corner_table(self) -> Int64:
        """(K, 3) int64: position, UV and normal of each distinct corner, from 0, -1 = none."""
        table = np.zeros((len(self.corner_ids), 3), np.int64)
        for row, corner in enumerate(self.corner_ids):
            parts = corner.split("/")
            if len(parts) > 3:
                raise Rejected("invalid_obj", f"face corner {corner!r}, expected v/vt/vn")
            for column, part in enumerate(parts):
                if part:
                    table[row, column] = _integer(part, corner)
        for column, rows in enumerate(self.rows.values()):
            least = 1 if column == 0 else 0
            wrong = (table[:, column] < least) | (table[:, column] > len(rows))
            if wrong.any():
                row = int(np.flatnonzero(wrong)[0])
                _out_of_range(list(self.corner_ids)[row], int(table[row, column]), len(rows))
        return table - 1


def _integer(text: str, corner: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 1 << 40
    if abs(number) >= 1 << 40:
        raise Rejected("invalid_obj", f"face corner {corner[:60]!r}, expected v/vt/vn in numbers")
    return number


def _out_of_range(corner: str, index: int, count: int) -> NoReturn:
    raise Rejected("index_out_of_range", f"face corner {corner!r} uses entry {index} of {count}")


def _parse_rows(rows: list[str], keyword: str, *, least: int, most: int) -> Float64:
    """(N, most) float64, NaN where a row has fewer numbers."""
    words = [row.split("#", 1)[0].split()[:most] for row in rows]
    widths = np.fromiter(map(len, words), np.int64, len(words))
    try:
        numbers = [float(word) for row in words for word in row]
    except ValueError as error:
        raise Rejected("invalid_obj", f"a '{keyword}' line holds no number: {error}") from None
    if (widths < least).any():
        text = rows[int(np.flatnonzero(widths < least)[0])]
        raise Rejected("invalid_obj", f"'{keyword} {text[:60]}', expected {least} numbers")
    table = np.full((len(rows), most), np.nan)
    table[np.arange(most) < widths[:, None]] = numbers
    return table


class _Vertices:
    """The attributes of each distinct corner."""

    def __init__(self, statements: _Statements) -> None:
        table = statements.corner_table()
        rows = statements.rows
        positions = _parse_rows(rows["v"], "v", least=3, most=6)
        self.positions: Float64 = positions[table[:, 0], :3]
        self.colors = _colors(positions[:, 3:])
        if self.colors is not None:
            self.colors = self.colors[table[:, 0]]
        self.uv = _looked_up(_parse_rows(rows["vt"], "vt", least=1, most=2), table[:, 1])
        self.normals = _looked_up(_parse_rows(rows["vn"], "vn", least=3, most=3), table[:, 2])

    def node(self, corners: Int64) -> MeshNode:
        """A node of (F, 3) corners, with the vertices that they use."""
        used, faces = np.unique(corners, return_inverse=True)
        vertices = self.positions[used].astype(np.float32)
        return MeshNode(
            vertices=vertices,
            faces=faces.reshape(-1, 3).astype(np.int32),
            uv=_gltf_uv(_present(self.uv, used)),
            normals=_present(self.normals, used),
            colors=None if self.colors is None else self.colors[used],
        )


def _looked_up(values: Float64, index: Int64) -> tuple[Float64, NDArray[np.bool_]]:
    """The value of each corner, 0 where it has none, and whether it has one."""
    padded = np.vstack([values, np.zeros((1, values.shape[1]))])
    return padded[index], index >= 0


def _present(values: tuple[Float64, NDArray[np.bool_]], used: Int64) -> Float32 | None:
    found, has = values
    if not has[used].any():
        return None
    chosen: Float32 = found[used].astype(np.float32)
    return chosen


def _gltf_uv(uv: Float32 | None) -> Float32 | None:
    return None if uv is None else np.stack([uv[:, 0], 1 - uv[:, 1]], axis=1)


def _colors(values: Float64) -> Float32 | None:
    """(N, 4) float32 linear RGBA of sRGB values in [0, 1] or [0, 255]; white where none is."""
    if not np.isfinite(values).all(axis=1).any():
        return None
    top = 255.0 if np.nanmax(values, initial=0.0) > 1 else 1.0
    rgb = srgb_to_linear(np.clip(np.nan_to_num(values / top, nan=1.0), 0, 1))
    return np.column_stack([rgb, np.ones(len(rgb), np.float32)])


def _build(statements: _Statements, library: MtlLibrary, limits: LoadLimits) -> Mesh:
    counts = np.asarray(statements.counts)
    if int((counts - 2).sum()) > limits.max_faces:
        raise Rejected("too_many_faces", f"the OBJ has more than {limits.max_faces} triangles")
    vertices = _Vertices(statements)
    flat = np.asarray(statements.corners)
    triangles = triangulate(vertices.positions[flat], counts)
    key = np.asarray(statements.face_key)[triangles.polygon]
    order = np.argsort(key, kind="stable")
    per_node = np.split(flat[triangles.corners[order]], np.cumsum(np.bincount(key))[:-1])
    names = [name for _, _, name in statements.keys if name is not None]
    material_index = {name: index for index, name in enumerate(dict.fromkeys(names))}
    materials = tuple(library.material(name) for name in material_index)
    return Mesh(
        nodes=tuple(
            replace(
                vertices.node(corners),
                name=group or thing,
                mesh_name=thing or group,
                material=None if material is None else material_index[material],
            )
            for corners, (thing, group, material) in zip(per_node, statements.keys, strict=True)
        ),
        materials=materials,
        images=tuple(library.images),
    )
