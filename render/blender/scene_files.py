"""An object in files that the server builds its scene from; nothing that would crash it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from partworks.errors import Failed
from partworks.geometry.mesh import Material, Mesh, MeshNode, TextureRef
from partworks.geometry.texture import alpha_meaning
from render.blender.pieces import Piece
from render.blender.server.messages import (
    ARRAYS_FILE,
    SCENE_FILE,
    MaterialData,
    SceneData,
    Texture,
)

Arrays = dict[str, NDArray[np.float32] | NDArray[np.int32]]

LARGEST = 1e9
"""Coordinates beyond lose their digits in Blender's floats; an object spans [-1, 1]."""


def write_scene(folder: Path, mesh: Mesh, pieces: Sequence[Piece]) -> None:
    """Write the pieces with their materials and images into a folder.

    Raises:
        Failed: `blender_error` for what Blender would crash at: faces or materials that do not
            exist, coordinates that are no numbers.
    """
    _check(mesh)
    arrays: Arrays = {}
    for index, piece in enumerate(pieces):
        own = _arrays(mesh.nodes[piece.node], piece.faces)
        arrays |= {f"{index}.{kind}": values for kind, values in own.items()}
    with (folder / ARRAYS_FILE).open("wb") as file:
        np.savez(file, **arrays)
    images = [f"image {index}" for index in range(len(mesh.images))]
    for name, image in zip(images, mesh.images, strict=True):
        (folder / name).write_bytes(image.data)
    bare = len(mesh.materials)
    used = [mesh.nodes[piece.node].material for piece in pieces]
    data: SceneData = {
        "pieces": [bare if material is None else material for material in used],
        "materials": _materials(mesh),
        "images": images,
    }
    (folder / SCENE_FILE).write_text(json.dumps(data), encoding="utf-8")


def _check(mesh: Mesh) -> None:
    for index, node in enumerate(mesh.nodes):
        if len(node.faces) and not 0 <= node.faces.min() <= node.faces.max() < len(node.vertices):
            _refuse(f"node {index} has faces at vertices that do not exist")
        if not (np.abs(node.vertices[node.faces]) < LARGEST).all():
            _refuse(f"node {index} has vertices that are not finite or beyond {LARGEST:g}")
        if node.material is not None and not 0 <= node.material < len(mesh.materials):
            _refuse(f"node {index} has material {node.material} of {len(mesh.materials)}")
    for index, material in enumerate(mesh.materials):
        for use in _uses(material):
            if use is not None and not 0 <= use.image < len(mesh.images):
                _refuse(f"material {index} has image {use.image} of {len(mesh.images)}")


def _refuse(found: str) -> None:
    raise Failed("blender_error", f"{found}, which Blender could not take; ingest it again")


def _uses(material: Material) -> tuple[TextureRef | None, ...]:
    return (
        material.base_color_texture,
        material.metallic_roughness_texture,
        material.normal_texture,
        material.emissive_texture,
    )


def _arrays(node: MeshNode, chosen: NDArray[np.int64]) -> Arrays:
    """See `messages.ARRAYS_FILE`."""
    used, inverse = np.unique(node.faces[chosen], return_inverse=True)
    corners = inverse.reshape(-1).astype(np.int32)
    arrays: Arrays = {"vertices": node.vertices[used], "corners": corners}
    if node.uv is not None:
        uv = np.nan_to_num(node.uv[used][corners], posinf=0.0, neginf=0.0)
        uv[:, 1] = 1 - uv[:, 1]
        arrays["uv"] = uv
    if node.colors is not None:
        arrays["colors"] = np.nan_to_num(node.colors[used], posinf=1.0, neginf=0.0)
    if node.normals is not None:
        arrays["normals"] = _unit(node.normals[used])
    return arrays


def _unit(normals: NDArray[np.float32]) -> NDArray[np.float32]:
    """Unit normals; those that are none become zero, which Blender replaces by its own."""
    finite = np.nan_to_num(normals, posinf=0.0, neginf=0.0)
    length = np.linalg.norm(finite, axis=1, keepdims=True)
    return np.divide(finite, length, out=np.zeros_like(finite), where=length > 1e-6)


def _materials(mesh: Mesh) -> list[MaterialData]:
    """The mesh's materials, and one more for faces without."""
    colored = {node.material for node in mesh.nodes if node.colors is not None}
    textured = {node.material for node in mesh.nodes if node.uv is not None}
    return [
        _material(material, colored=index in colored, textured=index in textured)
        for index, material in [*enumerate(mesh.materials), (None, Material())]
    ]


def _material(material: Material, *, colored: bool, textured: bool) -> MaterialData:
    return {
        "base_color": material.base_color,
        "base_color_texture": _texture(material.base_color_texture),
        "metallic": material.metallic,
        "roughness": material.roughness,
        "metallic_roughness_texture": _texture(material.metallic_roughness_texture),
        "normal_texture": _texture(material.normal_texture),
        "normal_scale": material.normal_scale,
        "emissive": material.emissive,
        "emissive_texture": _texture(material.emissive_texture),
        "alpha": alpha_meaning(material),
        "alpha_cutoff": material.alpha_cutoff,
        "colored": colored,
        "textured": textured,
    }


def _texture(use: TextureRef | None) -> Texture | None:
    if use is None:
        return None
    return {"image": use.image, "wrap_u": use.wrap_u, "wrap_v": use.wrap_v}
