"""PLY, ASCII and binary: polygons of any mix; colours and UVs of vertices, faces or corners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.errors import Rejected
from partworks.geometry.formats.ply_elements import PlyElement, read_elements
from partworks.geometry.formats.polygons import triangulate
from partworks.geometry.image_sampling import srgb_to_linear
from partworks.geometry.limits import LoadLimits
from partworks.geometry.mesh import Float32, Image, Material, Mesh, MeshNode, TextureRef
from partworks.geometry.pictures import Pictures
from partworks.geometry.side_files import SideFiles

_UV_NAMES = (("texture_u", "texture_v"), ("s", "t"), ("u", "v"))


def read_ply(
    data: bytes, files: SideFiles, *, limits: LoadLimits, warn: Callable[[str], None]
) -> Mesh:
    """Read a PLY file as one node.

    Where faces carry colours, or corners UVs, every corner gets a vertex of its own. Colours are
    taken as sRGB, UVs get glTF's origin.

    Args:
        data: the file.
        files: may hold the image that a `TextureFile` comment names.
        limits: what is too large.
        warn: takes words of `partworks.geometry.load.WARNINGS`.

    Raises:
        Rejected: `invalid_ply`, `truncated`, `index_out_of_range`, `points_only` …
    """
    found = read_elements(data)
    vertex, face = found.elements.get("vertex"), found.elements.get("face")
    if vertex is None or not {"x", "y", "z"} <= vertex.scalars.keys():
        raise Rejected("no_positions", "the PLY has no vertices with x, y and z")
    if face is None or not face.count:
        raise Rejected("points_only", "the PLY holds vertices and no faces")
    image = None
    if found.texture_file:
        image = _texture(found.texture_file, files, Pictures(limits, warn), warn)
    materials = (Material(base_color_texture=TextureRef(image=0), metallic=0.0, double_sided=True),)
    node = _Faces(vertex, face, limits).node(material=None if image is None else 0)
    if image is None:
        return Mesh(nodes=(node,))
    return Mesh(nodes=(node,), materials=materials, images=(image,))


def _texture(
    path: str, files: SideFiles, pictures: Pictures, warn: Callable[[str], None]
) -> Image | None:
    found = files.find(path)
    if found is None:
        warn("missing_texture")
        return None
    return pictures.read(found[1], found[0])


class _Faces:
    """The faces of a PLY: the vertex of each polygon corner, and the triangles."""

    def __init__(self, vertex: PlyElement, face: PlyElement, limits: LoadLimits) -> None:
        self._vertex, self._face = vertex, face
        lists = face.lists.get("vertex_indices") or face.lists.get("vertex_index")
        if lists is None:
            raise Rejected("invalid_ply", "the faces have no vertex_indices")
        if int(np.maximum(lists.counts - 2, 0).sum()) > limits.max_faces:
            raise Rejected("too_many_faces", f"the PLY has more than {limits.max_faces} triangles")
        wrong = ~((lists.values >= 0) & (lists.values < vertex.count))
        if wrong.any():
            index = lists.values[int(np.flatnonzero(wrong)[0])]
            raise Rejected("index_out_of_range", f"a face uses vertex {index} of {vertex.count}")
        self._corner_vertex = lists.values.astype(np.int64)
        positions = _columns(vertex, ("x", "y", "z"))
        assert positions is not None
        points = positions.astype(np.float64)[self._corner_vertex]
        self._positions = positions
        self._triangles = triangulate(points, lists.counts)
        self._counts = lists.counts

    def node(self, *, material: int | None) -> MeshNode:
        """The one node of the file."""
        face_colors, corner_uv = _colors(self._face), self._corner_uv()
        normals = _columns(self._vertex, ("nx", "ny", "nz"))
        colors, uv = _colors(self._vertex), self._vertex_uv()
        faces = self._triangles.corners
        if face_colors is None and corner_uv is None:
            rows, faces = np.arange(len(self._positions)), self._corner_vertex[faces]
        else:
            rows = self._corner_vertex
        if face_colors is not None:
            colors = np.repeat(face_colors, self._counts, axis=0)
        elif colors is not None:
            colors = colors[rows]
        return MeshNode(
            vertices=self._positions[rows],
            faces=faces.astype(np.int32),
            uv=corner_uv if corner_uv is not None else None if uv is None else uv[rows],
            colors=colors,
            normals=None if normals is None else normals[rows],
            material=material,
        )

    def _vertex_uv(self) -> Float32 | None:
        for names in _UV_NAMES:
            uv = _columns(self._vertex, names)
            if uv is not None:
                return _gltf_uv(uv)
        return None

    def _corner_uv(self) -> Float32 | None:
        """(corners, 2) of MeshLab's `texcoord` lists, None unless every face has them whole."""
        lists = self._face.lists.get("texcoord")
        if lists is None or not np.array_equal(lists.counts, 2 * self._counts):
            return None
        return _gltf_uv(lists.values.reshape(-1, 2).astype(np.float32))


def _gltf_uv(uv: Float32) -> Float32:
    return np.stack([uv[:, 0], 1 - uv[:, 1]], axis=1)


def _columns(element: PlyElement, names: tuple[str, ...]) -> Float32 | None:
    if not set(names) <= element.scalars.keys():
        return None
    table: NDArray[Any] = np.stack([element.scalars[name] for name in names], axis=1)
    return table.astype(np.float32)


def _colors(element: PlyElement) -> Float32 | None:
    """(N, 4) float32 linear RGBA of the colours of vertices or faces."""
    rgb = _columns(element, ("red", "green", "blue"))
    if rgb is None:
        return None
    kind = element.types["red"]
    top = np.float32(1 if kind.kind == "f" else np.iinfo(kind).max)
    alpha = _columns(element, ("alpha",))
    opaque = np.ones((len(rgb), 1), np.float32)
    linear = srgb_to_linear(np.clip(rgb / top, 0, 1))
    return np.hstack([linear, opaque if alpha is None else alpha / top])
