"""One glTF primitive as arrays in its mesh's own frame: triangles and vertex attributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.errors import Rejected
from partworks.geometry.gltf import constants as gl
from partworks.geometry.gltf.accessors import Accessors, to_float
from partworks.geometry.gltf.draco import DracoMesh, decode_draco
from partworks.geometry.gltf.fields import Fields
from partworks.geometry.mesh import Float32, Int32

DRACO = "KHR_draco_mesh_compression"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Primitive:
    """A primitive that has triangles.

    Attributes:
        vertices: (V, 3) float32. faces: (F, 3) int32, all within V.
        uv: (V, 2) float32 of the asked set, or None. colors: (V, 4) float32, or None.
        normals: (V, 3) float32, or None.
        joints: (V, K) int64 and weights: (V, K) float64 of a skin, or None.
    """

    vertices: Float32
    faces: Int32
    uv: Float32 | None
    colors: Float32 | None
    normals: Float32 | None
    joints: NDArray[np.int64] | None
    weights: NDArray[np.float64] | None


def mode(primitive: Fields) -> int:
    """The topology, TRIANGLES by default."""
    found = primitive.integer("mode", gl.TRIANGLES)
    if found > gl.TRIANGLE_FAN:
        raise Rejected("invalid_gltf", f"{primitive.where}.mode is {found}, expected 0 to 6")
    return found


def claimed_counts(primitive: Fields, accessors: Accessors) -> tuple[int, int]:
    """Vertices and faces that the JSON claims, before any byte is read."""
    attributes = primitive.integers("attributes")
    if "POSITION" not in attributes:
        raise Rejected("no_positions", f"{primitive.where} has no POSITION attribute")
    vertices = accessors.describe(attributes["POSITION"], asked_by=primitive.where)
    corners = primitive.integer("indices", None)
    counted = (
        vertices if corners is None else accessors.describe(corners, asked_by=primitive.where)
    ).needed_integer("count")
    faces = counted // 3 if mode(primitive) == gl.TRIANGLES else max(counted - 2, 0)
    return vertices.needed_integer("count"), faces


def read_primitive(
    primitive: Fields, accessors: Accessors, *, uv_set: int, keep_unused: bool
) -> Primitive:
    """Decode a primitive whose mode is one of triangles.

    Args:
        primitive: its JSON.
        accessors: the document's arrays.
        uv_set: which TEXCOORD to take.
        keep_unused: keep vertices that no face uses. Primitives may share one large vertex buffer,
            each with its own faces, so dropping them keeps memory at the size of the faces.

    Raises:
        Rejected: `bad_accessor`, `index_out_of_range`, `bad_draco` …
    """
    source = _Attributes(primitive, accessors)
    corners = source.corners()
    if not keep_unused:
        corners = source.drop_unused(corners)
    vertices = source.floats("POSITION", ("VEC3",))
    assert vertices is not None, "claimed_counts has looked"
    colors = source.floats("COLOR_0", ("VEC3", "VEC4"))
    if colors is not None and colors.shape[1] == 3:
        colors = np.column_stack([colors, np.ones(len(colors), np.float32)])
    joints, weights = source.influences()
    return Primitive(
        vertices=vertices,
        faces=triangles(corners.astype(np.int32), mode(primitive), where=primitive.where),
        uv=source.floats(f"TEXCOORD_{uv_set}", ("VEC2",)),
        colors=colors,
        normals=source.floats("NORMAL", ("VEC3",)),
        joints=joints,
        weights=weights,
    )


def triangles(corners: Int32, topology: int, *, where: str) -> Int32:
    """(F, 3) int32 faces of a list, strip or fan of vertex indices (glTF 2.0, section 3.7.2.1).

    Degenerate faces stay, since they count in the source's numbering.
    """
    if topology == gl.TRIANGLES:
        if len(corners) % 3:
            raise Rejected("bad_accessor", f"{where} has {len(corners)} corners, not 3 per face")
        return corners.reshape(-1, 3)
    steps = np.arange(max(len(corners) - 2, 0))
    if topology == gl.TRIANGLE_FAN:
        return np.stack([corners[steps + 1], corners[steps + 2], corners[0 * steps]], axis=1)
    odd = steps % 2
    return np.stack([corners[steps], corners[steps + 1 + odd], corners[steps + 2 - odd]], axis=1)


class _Attributes:
    """The attributes of one primitive, plain or Draco-compressed."""

    def __init__(self, primitive: Fields, accessors: Accessors) -> None:
        self._where = primitive.where
        self._primitive = primitive
        self._accessors = accessors
        self._plain = primitive.integers("attributes")
        self._packed: dict[str, int] = {}
        self._draco: DracoMesh | None = None
        self._rows: NDArray[Any] | None = None
        extension = primitive.extension(DRACO)
        if extension is not None:
            self._packed = extension.integers("attributes")
            self._draco = self._decode(extension)
        positions = self._raw("POSITION", ("VEC3",))
        assert positions is not None, "claimed_counts has looked"
        self._count = len(positions)

    def _decode(self, extension: Fields) -> DracoMesh:
        content, _ = self._accessors.view(
            extension.needed_integer("bufferView"), asked_by=extension.where
        )
        vertices, faces = claimed_counts(self._primitive, self._accessors)
        return decode_draco(
            bytes(content), max_faces=faces, max_vertices=vertices, where=self._where
        )

    def corners(self) -> NDArray[Any]:
        """(corners,) vertex indices, all within the vertices there are."""
        corners = self._corners()
        if corners.size and int(corners.max()) >= self._count:
            raise Rejected(
                "index_out_of_range",
                f"{self._where} uses vertex {int(corners.max())} of {self._count}",
            )
        return corners

    def _corners(self) -> NDArray[Any]:
        if self._draco is not None:
            return self._draco.faces.reshape(-1)
        index = self._primitive.integer("indices", None)
        if index is None:
            return np.arange(self._count, dtype=np.uint32)
        where = f"{self._where}.indices"
        corners = self._accessors.read(index, asked_by=where, types=("SCALAR",))[:, 0]
        if corners.dtype.kind != "u":
            raise Rejected("bad_accessor", f"{where} has component type {corners.dtype}")
        return corners

    def drop_unused(self, corners: NDArray[Any]) -> NDArray[Any]:
        """Forget vertices that no corner uses; returns the corners renumbered, order kept."""
        used = np.zeros(self._count, bool)
        used[corners] = True
        if used.all():
            return corners
        self._rows = np.flatnonzero(used)
        return np.asarray(np.cumsum(used)[corners] - 1)

    def floats(self, name: str, types: tuple[str, ...]) -> Float32 | None:
        """(V, width) float32, None where the primitive has no such attribute."""
        values = self._used(name, types)
        if values is None:
            return None
        accessor = self._accessors.describe(self._plain[name], asked_by=self._where)
        return to_float(values, normalized=accessor.flag("normalized"))

    def influences(self) -> tuple[NDArray[np.int64] | None, NDArray[np.float64] | None]:
        """Joints and weights of all sets, side by side; None where the mesh has none."""
        joints: list[NDArray[np.int64]] = []
        weights: list[NDArray[np.float64]] = []
        while (name := f"JOINTS_{len(joints)}") in self._plain:
            found = self._used(name, ("VEC4",))
            weight = self.floats(f"WEIGHTS_{len(joints)}", ("VEC4",))
            if found is None or weight is None or found.dtype.kind != "u":
                raise Rejected("bad_skin", f"{self._where} has {name} without sound weights")
            joints.append(found.astype(np.int64))
            weights.append(weight.astype(np.float64))
        if not joints:
            return None, None
        return np.concatenate(joints, axis=1), np.concatenate(weights, axis=1)

    def _used(self, name: str, types: tuple[str, ...]) -> NDArray[Any] | None:
        values = self._raw(name, types)
        if values is None:
            return None
        if len(values) != self._count:
            raise Rejected(
                "bad_accessor",
                f"{self._where}.{name} has {len(values)} elements, POSITION has {self._count}",
            )
        return values if self._rows is None else values[self._rows]

    def _raw(self, name: str, types: tuple[str, ...]) -> NDArray[Any] | None:
        if name not in self._plain:
            return None
        where = f"{self._where}.{name}"
        if self._draco is not None and name in self._packed:
            values = self._unpacked(name, types, where)
        else:
            values = self._accessors.read(self._plain[name], asked_by=where, types=types)
        return values

    def _unpacked(self, name: str, types: tuple[str, ...], where: str) -> NDArray[Any]:
        assert self._draco is not None
        values = self._draco.attributes.get(self._packed[name])
        if values is None or values.shape[1] not in {gl.ELEMENT_WIDTHS[kind] for kind in types}:
            raise Rejected("bad_draco", f"{where} is not in the Draco data, or has another width")
        return values
