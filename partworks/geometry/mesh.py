"""A mesh as Partworks knows it: a flat list of nodes whose faces are numbered once and for all.

Face numbering lives here and nowhere else. Face `i` of a mesh is the i-th triangle met when the
nodes are walked in order and each node's faces in order; vertices are numbered in the same way.
Nothing in Partworks merges or reorders vertices or faces after a mesh has been written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Int32 = NDArray[np.int32]
UInt8 = NDArray[np.uint8]

AlphaMode = Literal["OPAQUE", "MASK", "BLEND"]
Wrap = Literal["repeat", "clamp", "mirror"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An encoded picture, kept as its bytes so that a round trip changes nothing.

    `mime` is `image/png` or `image/jpeg`; other encodings are re-encoded when a mesh is read.
    """

    data: bytes
    mime: Literal["image/png", "image/jpeg"]
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextureRef:
    """A use of an image by a material: which image, and how UVs outside [0, 1] wrap."""

    image: int
    wrap_u: Wrap = "repeat"
    wrap_v: Wrap = "repeat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A glTF metallic-roughness material.

    Factors are linear, as in glTF: `base_color` RGBA, `emissive` RGB, all in [0, 1].
    `normal_scale` belongs to `normal_texture`.
    """

    name: str = ""
    base_color: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    base_color_texture: TextureRef | None = None
    metallic: float = 1.0
    roughness: float = 1.0
    metallic_roughness_texture: TextureRef | None = None
    normal_texture: TextureRef | None = None
    normal_scale: float = 1.0
    occlusion_texture: TextureRef | None = None
    emissive: tuple[float, float, float] = (0.0, 0.0, 0.0)
    emissive_texture: TextureRef | None = None
    alpha_mode: AlphaMode = "OPAQUE"
    alpha_cutoff: float = 0.5
    double_sided: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TreeNode:
    """A node of a source file's tree; those above it are shared by all below them.

    Attributes:
        name: as the file has it.
        parent: the node above, None of a root.
        depth: nodes above it.
    """

    name: str
    parent: TreeNode | None
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeshNode:
    """One node: one glTF mesh of one primitive, in the object frame (transforms are baked).

    Attributes:
        vertices: (V, 3) float32, object frame.
        faces: (F, 3) int32, indices into this node's `vertices`, counter-clockwise from outside.
        uv: (V, 2) float32 with glTF's origin at the top left of the image, or None.
        colors: (V, 4) float32 linear RGBA in [0, 1], or None.
        normals: (V, 3) float32 unit vectors as authored, or None.
        name: the name of the source node; names need not be unique.
        mesh_name: the name of the source mesh.
        material: index into `Mesh.materials`, or None.
        place: the node of the source file's tree, or None where it has none. It is not written.
    """

    vertices: Float32
    faces: Int32
    uv: Float32 | None = None
    colors: Float32 | None = None
    normals: Float32 | None = None
    name: str = ""
    mesh_name: str = ""
    material: int | None = None
    place: TreeNode | None = None

    def __post_init__(self) -> None:
        count = len(self.vertices)
        assert self.vertices.dtype == np.float32 and self.vertices.shape == (count, 3)
        assert self.faces.dtype == np.int32 and self.faces.shape[1:] == (3,)
        for values, width in ((self.uv, 2), (self.colors, 4), (self.normals, 3)):
            assert values is None or (values.dtype == np.float32 and values.shape == (count, width))


@dataclass(frozen=True, kw_only=True, eq=False)
class Mesh:
    """An object: nodes in file order, the materials and images they share, and free-form extras.

    `extras` is JSON data written to the GLB's `asset.extras`; Partworks keeps the object's name,
    licence, attribution and the transform back to the source frame there.
    """

    nodes: tuple[MeshNode, ...]
    materials: tuple[Material, ...] = ()
    images: tuple[Image, ...] = ()
    extras: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def vertices(self) -> Float32:
        """(V, 3) float32: the vertices of all nodes, node by node."""
        if not self.nodes:
            return np.zeros((0, 3), np.float32)
        return np.concatenate([node.vertices for node in self.nodes])

    @cached_property
    def faces(self) -> Int32:
        """(F, 3) int32: the faces of all nodes, node by node, indexing `vertices`."""
        if not self.nodes:
            return np.zeros((0, 3), np.int32)
        starts = self.vertex_offsets
        return np.concatenate(
            [node.faces + np.int32(start) for node, start in zip(self.nodes, starts, strict=False)]
        )

    @cached_property
    def vertex_offsets(self) -> NDArray[np.int64]:
        """(N + 1,) int64: node n owns vertices `vertex_offsets[n]:vertex_offsets[n + 1]`."""
        return np.cumsum([0, *(len(node.vertices) for node in self.nodes)], dtype=np.int64)

    @cached_property
    def face_offsets(self) -> NDArray[np.int64]:
        """(N + 1,) int64: node n owns faces `face_offsets[n]:face_offsets[n + 1]`."""
        return np.cumsum([0, *(len(node.faces) for node in self.nodes)], dtype=np.int64)

    @cached_property
    def face_node(self) -> Int32:
        """(F,) int32: the node that each face belongs to."""
        return np.repeat(np.arange(len(self.nodes), dtype=np.int32), np.diff(self.face_offsets))

    @cached_property
    def face_material(self) -> Int32:
        """(F,) int32: the material of each face, -1 where it has none."""
        materials = [-1 if node.material is None else node.material for node in self.nodes]
        return np.asarray(materials, np.int32)[self.face_node]

    @cached_property
    def face_count(self) -> int:
        """The number of faces of all nodes."""
        return int(self.face_offsets[-1])

    @cached_property
    def geometry_hash(self) -> str:
        """SHA-256, in hex, of the little-endian float32 vertices and then the int32 faces.

        Every label array stores it; labels whose hash differs belong to another mesh.
        """
        digest = hashlib.sha256()
        digest.update(self.vertices.astype("<f4").tobytes())
        digest.update(self.faces.astype("<i4").tobytes())
        return digest.hexdigest()

    @cached_property
    def bounds(self) -> NDArray[np.float64]:
        """(2, 3) float64: the smallest and largest coordinates of vertices that a face uses."""
        used = self.vertices[np.unique(self.faces)].astype(np.float64)
        if not len(used):
            return np.zeros((2, 3))
        return np.stack([used.min(axis=0), used.max(axis=0)])
