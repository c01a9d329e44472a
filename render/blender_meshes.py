"""Our meshes as Blender's: a piece per part and node, so that hiding the rest shows a part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.parts import Parts
from partworks.geometry.coincident import CoincidentFaces
from partworks.geometry.measures import face_areas
from partworks.geometry.mesh import Mesh, MeshNode
from render.blender_materials import COLORS, UV
from render.subject import OBJECT, Subject

NEVER = -9


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The faces that one node has in one part.

    Attributes:
        item: Blender's object.
        first_face: one of its faces, which stands for all in a subject's mask.
        covered: its faces lie exactly on faces of another part.
    """

    item: Any
    first_face: int
    covered: bool

    def show(self, subject: Subject) -> None:
        """Hide the piece from all but the subjects that it belongs to.

        Two faces in one place shade one another black, so that covered ones are shown without
        those that cover them only.
        """
        alone = subject.folder != OBJECT
        self.item.hide_render = not subject.faces[self.first_face] or (self.covered and not alone)


def build_pieces(mesh: Mesh, parts: Parts, materials: list[Any]) -> list[Piece]:
    """Put the mesh into the scene, piece by piece; `materials` has one more for faces without."""
    pieces = []
    kind = _kinds(mesh, parts)
    for index, node in enumerate(mesh.nodes):
        start, stop = mesh.face_offsets[index : index + 2]
        for each in np.unique(kind[start:stop][kind[start:stop] != NEVER]):
            chosen = np.flatnonzero(kind[start:stop] == each)
            data = _build(node, chosen, name=f"{each}.{index}")
            data.materials.append(materials[-1 if node.material is None else node.material])
            item = bpy.data.objects.new(data.name, data)
            bpy.context.scene.collection.objects.link(item)
            first_face = int(start + chosen[0])
            pieces.append(Piece(item=item, first_face=first_face, covered=bool(each % 2)))
    return pieces


def _kinds(mesh: Mesh, parts: Parts) -> NDArray[np.int64]:
    """(F,) twice the label of each face, one more where it is covered; NEVER where not to show."""
    labels = parts.face_labels.astype(np.int64)
    first_of = CoincidentFaces(mesh.vertices, mesh.faces).first_of
    covered = labels != labels[first_of]
    _, first_in_part = np.unique(first_of * (parts.count + 1) + labels, return_index=True)
    never = np.ones(len(labels), bool)
    never[first_in_part] = False
    # Blender asserts on faces that use a vertex twice; those without area are never seen anyway.
    never |= face_areas(mesh.vertices, mesh.faces) == 0
    return np.where(never, NEVER, 2 * labels + covered)


def _build(node: MeshNode, chosen: NDArray[np.int64], *, name: str) -> Any:
    """A Blender mesh of some faces of a node."""
    used, corners = np.unique(node.faces[chosen], return_inverse=True)
    data = bpy.data.meshes.new(name)
    data.vertices.add(len(used))
    data.vertices.foreach_set("co", node.vertices[used].reshape(-1))
    data.loops.add(3 * len(chosen))
    data.loops.foreach_set("vertex_index", corners.reshape(-1).astype(np.int32))
    data.polygons.add(len(chosen))
    data.polygons.foreach_set("loop_start", np.arange(len(chosen), dtype=np.int32) * 3)
    if node.uv is not None:
        # Blender's v grows upwards.
        uv = np.nan_to_num(node.uv[used][corners.reshape(-1)], posinf=0.0, neginf=0.0)
        uv[:, 1] = 1 - uv[:, 1]
        layer = data.uv_layers.new(name=UV)
        layer.uv.foreach_set("vector", uv.reshape(-1))
    if node.colors is not None:
        layer = data.color_attributes.new(COLORS, "FLOAT_COLOR", "POINT")
        layer.data.foreach_set("color", node.colors[used].reshape(-1))
    data.update(calc_edges=True)
    if node.normals is None:
        data.shade_flat()  # as glTF asks
    else:
        data.normals_split_custom_set_from_vertices(_unit(node.normals[used]))
    return data


def _unit(normals: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit normals; those that are none become zero, which Blender replaces by its own."""
    finite = np.nan_to_num(normals, posinf=0.0, neginf=0.0)
    length = np.linalg.norm(finite, axis=1, keepdims=True)
    return np.divide(finite, length, out=np.zeros_like(finite), where=length > 1e-6)
