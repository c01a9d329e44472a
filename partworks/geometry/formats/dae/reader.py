"""Read a COLLADA file: metres and y up as its `asset` says, one node per primitive met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from partworks.errors import Rejected
from partworks.geometry.formats.dae.document import parse_dae, understood
from partworks.geometry.formats.dae.materials import DaeMaterials, uv_set
from partworks.geometry.formats.dae.primitives import corner_counts, read_primitive
from partworks.geometry.formats.dae.walk import Placed, walk
from partworks.geometry.limits import LoadLimits
from partworks.geometry.mesh import Mesh, MeshNode
from partworks.geometry.pictures import Pictures
from partworks.geometry.side_files import SideFiles
from partworks.geometry.transform import flip_faces, mirrors, transform_normals, transform_points


def read_dae(
    data: bytes, files: SideFiles, *, limits: LoadLimits, warn: Callable[[str], None]
) -> Mesh:
    """Read a COLLADA 1.4 or 1.5 file.

    Args:
        data: the XML.
        files: its images.
        limits: what is too large.
        warn: takes words of `partworks.geometry.load.WARNINGS`.

    Raises:
        Rejected: `invalid_dae`, `unsafe_path`, `no_faces`, `too_many_faces` …
    """
    document = parse_dae(data)
    reader = _Reader(files, limits, warn)
    with understood():
        if document.animations:
            warn("ignored_animation")
        for placed in walk(document, max_nodes=limits.max_nodes):
            reader.add(placed)
    return reader.mesh()


class _Reader:
    """The nodes as they are met; a primitive is decoded once however often it appears."""

    def __init__(self, files: SideFiles, limits: LoadLimits, warn: Callable[[str], None]) -> None:
        self._limits = limits
        self._warn = warn
        self._materials = DaeMaterials(files, read_picture=Pictures(limits, warn).read, warn=warn)
        self._decoded: dict[tuple[int, str | None], MeshNode] = {}
        self._nodes: list[MeshNode] = []
        self._faces = 0
        self._others = False

    def add(self, placed: Placed) -> None:
        for primitive in placed.geometry.primitives:
            counts = corner_counts(primitive)
            if counts is None:
                self._others = True
                continue
            # Counted before any of it is decoded: instances cost a file nothing.
            self._faces += int((counts - 2).clip(min=0).sum())
            if self._faces > self._limits.max_faces:
                raise Rejected(
                    "too_many_faces", f"the scene has more than {self._limits.max_faces} faces"
                )
            if int(counts.sum()):
                self._nodes.append(self._node(primitive, placed, counts))

    def _node(self, primitive: Any, placed: Placed, counts: Any) -> MeshNode:
        use = placed.materials.get(primitive.material)
        wanted = None if use is None else uv_set(use)
        key = (id(primitive), wanted)
        if key not in self._decoded:
            self._decoded[key] = read_primitive(primitive, counts, uv_set=wanted)
        node, matrix = self._decoded[key], placed.matrix
        geometry = placed.geometry
        return replace(
            node,
            vertices=transform_points(node.vertices, matrix),
            normals=None if node.normals is None else transform_normals(node.normals, matrix),
            faces=flip_faces(node.faces, mirrors(matrix)),
            name=placed.name,
            mesh_name=str(geometry.name or geometry.id or ""),
            material=None if use is None else self._materials.index(use.target),
        )

    def mesh(self) -> Mesh:
        if not self._nodes:
            if self._others:
                raise Rejected("lines_only", "the scene holds lines and no faces")
            raise Rejected("no_faces", "the scene shows no geometry with faces")
        if self._others:
            self._warn("ignored_points_or_lines")
        return Mesh(
            nodes=tuple(self._nodes),
            materials=tuple(self._materials.materials),
            images=tuple(self._materials.images),
        )
