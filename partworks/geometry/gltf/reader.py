"""Read a glTF 2.0 document into a mesh: one `MeshNode` per primitive met on the walk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from partworks.errors import Rejected
from partworks.geometry.gltf import constants as gl
from partworks.geometry.gltf.accessors import Accessors
from partworks.geometry.gltf.document import Document
from partworks.geometry.gltf.fields import Fields
from partworks.geometry.gltf.materials import Materials
from partworks.geometry.gltf.nodes import NodeGraph, Placement
from partworks.geometry.gltf.primitives import Primitive, claimed_counts, mode, read_primitive
from partworks.geometry.gltf.skins import joint_matrices, vertex_matrices
from partworks.geometry.limits import LoadLimits
from partworks.geometry.mesh import Mesh, MeshNode
from partworks.geometry.pictures import Pictures, keep_picture
from partworks.geometry.side_files import SideFiles
from partworks.geometry.transform import (
    Matrix,
    flip_faces,
    mirrors,
    transform_normals,
    transform_points,
)

Plan = list[tuple[Placement, Fields]]


class GltfReader:
    """Turns one document into a mesh.

    Nodes are walked depth-first from the default scene, as three.js does; each primitive of each
    mesh met gives one node in that order, with the glTF node's and mesh's names as they are. World
    transforms are baked, a skinned mesh stands in its rest pose; faces keep their order.

    Args:
        document: the parsed JSON.
        files: its side files.
        limits: what is too large.
        warn: takes the words of what was repaired or left out.
        keep_unused: keep materials, images and vertices that no face uses, and an empty scene.

    Raises:
        Rejected: with the reasons of `partworks.geometry.load.REASONS`.
    """

    def __init__(
        self,
        document: Document,
        files: SideFiles,
        *,
        limits: LoadLimits,
        warn: Callable[[str], None],
        keep_unused: bool,
    ) -> None:
        self._document = document
        self._limits = limits
        self._warn = warn
        self._keep_unused = keep_unused
        # A list of triangles has three corners a face, a strip two more than faces.
        most = max(limits.max_vertices, 3 * limits.max_faces)
        self._accessors = Accessors(document, files, max_count=most)
        self._graph = NodeGraph(document, max_nodes=limits.max_nodes)
        self._materials = Materials(
            document,
            self._accessors,
            files=files,
            read_picture=keep_picture if keep_unused else Pictures(limits, warn).read,
            warn=warn,
        )
        self._decoded: dict[str, Primitive] = {}
        self._poses: dict[int, Matrix] = {}

    def read(self) -> Mesh:
        """The mesh of the default scene."""
        plan = self._plan()
        if self._keep_unused:
            self._materials.read_all()
        self._warn_of_motion(plan)
        nodes = tuple(self._node(placement, primitive) for placement, primitive in plan)
        return Mesh(
            nodes=nodes,
            materials=tuple(self._materials.materials),
            images=tuple(self._materials.images),
            extras=self._document.extras,
        )

    def _plan(self) -> Plan:
        """What to read, in order, with everything counted before anything is decoded."""
        plan: Plan = []
        tally = _Tally(self._limits)
        modes: set[int] = set()
        primitives = [mesh.children("primitives") for mesh in self._document.table("meshes")]
        for placement in self._graph.placements(self._accessors, max_count=self._limits.max_nodes):
            tally.add(nodes=1)
            for primitive in primitives[placement.mesh]:
                modes.add(mode(primitive))
                if mode(primitive) < gl.TRIANGLES:
                    tally.add(nodes=1)
                    continue
                vertices, faces = claimed_counts(primitive, self._accessors)
                tally.add(nodes=1, vertices=min(vertices, 3 * faces), faces=faces)
                plan.append((placement, primitive))
        if not plan and not self._keep_unused:
            self._reject_nothing(modes)
        if plan and min(modes) < gl.TRIANGLES:
            self._warn("ignored_points_or_lines")
        return plan

    def _reject_nothing(self, modes: set[int]) -> None:
        if not modes and self._document.table("animations"):
            raise Rejected(
                "animated_only", "the file holds animations, and no mesh that they move is shown"
            )
        if modes == {gl.POINTS}:
            raise Rejected("points_only", "the scene holds points and no faces")
        if modes and gl.POINTS not in modes:
            raise Rejected("lines_only", "the scene holds lines and no faces")
        if modes:
            raise Rejected("no_faces", "the scene holds points and lines and no faces")
        if not self._document.table("meshes"):
            raise Rejected("no_mesh", "the file holds no mesh")
        raise Rejected("empty_scene", "the file holds meshes, its default scene shows none of them")

    def _warn_of_motion(self, plan: Plan) -> None:
        if self._document.table("animations"):
            self._warn("ignored_animation")
        if any("targets" in primitive for _, primitive in plan):
            self._warn("ignored_morph_targets")

    def _node(self, placement: Placement, primitive: Fields) -> MeshNode:
        source = primitive.integer("material", None)
        material = None if source is None else self._materials.index(source, primitive.where)
        node = self._graph.nodes[placement.node]
        decoded = self._decode(primitive, material)
        placed = self._place(decoded, placement)
        mesh = self._document.table("meshes")[placement.mesh]
        return replace(
            placed,
            name=node.text("name"),
            mesh_name=mesh.text("name"),
            material=material,
            place=self._graph.place(placement.node),
        )

    def _decode(self, primitive: Fields, material: int | None) -> Primitive:
        """The primitive in its own frame, decoded once however often it appears."""
        if primitive.where not in self._decoded:
            use = self._materials.uv_use(material)
            decoded = read_primitive(
                primitive,
                self._accessors,
                uv_set=use.uv_set,
                keep_unused=self._keep_unused,
            )
            if decoded.uv is not None:
                decoded = replace(decoded, uv=use.apply(decoded.uv))
            self._decoded[primitive.where] = decoded
        return self._decoded[primitive.where]

    def _place(self, decoded: Primitive, placement: Placement) -> MeshNode:
        matrix, flipped = placement.matrix, mirrors(placement.matrix)
        if placement.skin is not None:
            if decoded.joints is None or decoded.weights is None:
                self._warn("unbound_skin")
            else:
                pose = self._pose(placement.skin)
                matrix = vertex_matrices(decoded.joints, decoded.weights, pose)
                flipped = mirrors(matrix)[decoded.faces[:, 0]]
        normals = decoded.normals
        return MeshNode(
            vertices=transform_points(decoded.vertices, matrix),
            faces=flip_faces(decoded.faces, flipped),
            uv=decoded.uv,
            colors=decoded.colors,
            normals=None if normals is None else transform_normals(normals, matrix),
        )

    def _pose(self, skin: int) -> Matrix:
        if skin not in self._poses:
            self._poses[skin] = joint_matrices(skin, self._document, self._accessors, self._graph)
        return self._poses[skin]


class _Tally:
    """Adds up what the walk meets and stops at the first limit that is passed."""

    def __init__(self, limits: LoadLimits) -> None:
        self._most = {
            "nodes": 2 * limits.max_nodes,  # a placement and its primitive count one each
            "vertices": limits.max_vertices,
            "faces": limits.max_faces,
        }
        self._found = dict.fromkeys(self._most, 0)

    def add(self, **counts: int) -> None:
        for what, count in counts.items():
            self._found[what] += count
            if self._found[what] > self._most[what]:
                raise Rejected(
                    f"too_many_{what}",
                    f"the scene has more than {self._most[what]} {what}; instances count",
                )
