"""The mesh that a reviewer sees: one node with one mesh, faces in the object's order.

Tools disagree about the order of faces in files with several nodes, so the review copy has one
node. Its mesh has a primitive for each run of faces with one material, in face order, over one set
of vertices: triangle i, counted through the primitives, is face i of the object, and every label
refers to it. An object of one material is one primitive.

Positions are unsigned 16-bit in the node's scale and translation (`KHR_mesh_quantization`), normals
signed 8-bit, texture coordinates unsigned 16-bit where they lie in [0, 1]. Nothing is welded, left
out or reordered. Attributes are padded to four bytes, as glTF wants, so three.js reads them as
interleaved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotate.blobs.looks import Looks, looks_of
from annotate.blobs.quantised import Quantised, positions, signed_bytes, unit_shorts
from annotate.blobs.textures import encode_textures
from partworks.geometry.measures import face_normals
from partworks.geometry.mesh import Mesh, MeshNode

Float32 = NDArray[np.float32]

MOST_TEXTURE_SIDE = 2048
MOST_TEXELS = 1 << 25
"""Of all textures together: 128 MiB on the graphics card, 170 with their smaller versions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewMesh:
    """A review copy.

    Attributes:
        glb: the file.
        faces: F, as the object has.
        geometry_hash: `Mesh.geometry_hash` of the object, which labels and decisions refer to.
        runs: (first face, faces, material) of each primitive.
    """

    glb: bytes
    faces: int
    geometry_hash: str
    runs: tuple[tuple[int, int, int], ...]


def pack(mesh: Mesh) -> ReviewMesh:
    """Make the review copy of an object; the same mesh gives the same bytes.

    Colours and emitted light are kept, with textures of at most 2048 × 2048 in WebP, smaller where
    there are many; what only refines the shading is left out. Every material shows both sides, for
    a reviewer must see every face; only cut-outs stay transparent.
    """
    looks = looks_of(mesh)
    file = Quantised()
    images, side = encode_textures(
        [mesh.images[index] for index in looks.images],
        most_side=MOST_TEXTURE_SIDE,
        most_texels=MOST_TEXELS,
    )
    primitives, node = _geometry(mesh, looks, file)
    glb = file.to_glb(
        {
            "asset": {
                "version": "2.0",
                "generator": "partworks",
                "extras": {
                    "faces": mesh.face_count,
                    "geometry_hash": mesh.geometry_hash,
                    "texture_side": side,
                },
            },
            "scene": 0,
            "scenes": [{"nodes": [0]}],
            "nodes": [{"mesh": 0, "name": "review", **node}],
            "meshes": [{"primitives": primitives}],
            **looks.tables([file.add_view(data) for data in images]),
        },
        required=["KHR_mesh_quantization", *(["EXT_texture_webp"] if images else [])],
    )
    return ReviewMesh(
        glb=glb,
        faces=mesh.face_count,
        geometry_hash=mesh.geometry_hash,
        runs=looks.runs,
    )


def _geometry(
    mesh: Mesh, looks: Looks, file: Quantised
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The primitives, and the node's way back from quantised positions."""
    shorts, node = positions(mesh.vertices)
    attributes = {"POSITION": file.add_attribute(shorts, bounds=True)}
    normals = [part.normals for part in mesh.nodes]
    if any(values is not None for values in normals):
        attributes["NORMAL"] = file.add_attribute(signed_bytes(_normals(mesh)), normalized=True)
    if looks.textured:
        uv = _joined(mesh, [part.uv for part in mesh.nodes], fill=0.0, width=2)
        inside = uv.size == 0 or (uv.min() >= 0 and uv.max() <= 1)
        values = unit_shorts(uv) if inside else np.nan_to_num(uv, posinf=0.0, neginf=0.0)
        attributes["TEXCOORD_0"] = file.add_attribute(values, normalized=bool(inside))
    colors = [part.colors for part in mesh.nodes]
    if any(values is not None for values in colors):
        values = unit_shorts(_joined(mesh, colors, fill=1.0, width=4))
        attributes["COLOR_0"] = file.add_attribute(values, normalized=True)
    lengths = [count for _, count, _ in looks.runs]
    indices = file.add_indices(mesh.faces, vertices=len(mesh.vertices), runs=lengths)
    primitives = [
        {"attributes": attributes, "indices": index, "material": material}
        for index, (_, _, material) in zip(indices, looks.runs, strict=True)
    ]
    return primitives, node


def _joined(mesh: Mesh, values: list[Float32 | None], *, fill: float, width: int) -> Float32:
    """(V, width) float32: an attribute of all nodes, `fill` where a node lacks it."""
    return np.concatenate(
        [
            np.full((len(node.vertices), width), fill, np.float32) if value is None else value
            for node, value in zip(mesh.nodes, values, strict=True)
        ]
    )


def _normals(mesh: Mesh) -> Float32:
    """(V, 3) float32: authored normals, and for nodes without any the mean of their faces'."""
    return np.concatenate(
        [_smooth(node) if node.normals is None else node.normals for node in mesh.nodes]
    )


def _smooth(node: MeshNode) -> Float32:
    sums = np.zeros(node.vertices.shape)
    normals = face_normals(node.vertices, node.faces)
    for corner in range(3):
        np.add.at(sums, node.faces[:, corner], normals)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0).astype(np.float32)
