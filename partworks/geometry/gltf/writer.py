"""Write a mesh as a GLB whose bytes depend on nothing but the mesh."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.gltf.constants import ARRAY_BUFFER, ELEMENT_BUFFER, WRAP_MODES
from partworks.geometry.mesh import Material, Mesh, MeshNode, TextureRef

_WRAP_CODES: dict[str, int] = {name: code for code, name in WRAP_MODES.items()}
_COMPONENT = {np.dtype(np.float32): 5126, np.dtype(np.uint32): 5125}
_SHAPE = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}


class _Binary:
    """The BIN chunk as it grows, with the buffer views and accessors that describe it."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.size = 0
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []

    def add_view(self, data: bytes, **described: Any) -> int:
        """Append bytes, 4-byte aligned, and return the index of their buffer view."""
        view = {"buffer": 0, "byteOffset": self.size, "byteLength": len(data), **described}
        self.views.append(view)
        padding = -len(data) % 4
        self.chunks += [data, bytes(padding)]
        self.size += len(data) + padding
        return len(self.views) - 1

    def add_array(self, values: NDArray[Any], *, target: int, bounds: bool = False) -> int:
        """Append a float32 or uint32 array and return the index of its accessor."""
        table = values.reshape(len(values), -1)
        accessor: dict[str, Any] = {
            "bufferView": self.add_view(
                table.astype(table.dtype.newbyteorder("<")).tobytes(), target=target
            ),
            "componentType": _COMPONENT[table.dtype],
            "count": len(table),
            "type": _SHAPE[table.shape[1]],
        }
        if bounds:
            accessor["min"] = [float(x) for x in table.min(axis=0)]
            accessor["max"] = [float(x) for x in table.max(axis=0)]
        self.accessors.append(accessor)
        return len(self.accessors) - 1


class _Textures:
    """The texture and sampler tables: one entry per distinct use of an image, by first use."""

    def __init__(self) -> None:
        self.uses: dict[TextureRef, int] = {}
        self.samplers: dict[tuple[str, str], int] = {}
        self.textures: list[dict[str, Any]] = []

    def index(self, use: TextureRef) -> int:
        """The index of the texture that samples `use.image` as `use` says."""
        if use not in self.uses:
            self.uses[use] = len(self.textures)
            wrap = (use.wrap_u, use.wrap_v)
            texture = {"source": use.image}
            if wrap != ("repeat", "repeat"):
                texture["sampler"] = self.samplers.setdefault(wrap, len(self.samplers))
            self.textures.append(texture)
        return self.uses[use]

    def sampler_table(self) -> list[dict[str, Any]]:
        """glTF's `samplers`."""
        return [{"wrapS": _WRAP_CODES[u], "wrapT": _WRAP_CODES[v]} for u, v in self.samplers]


def write_glb(mesh: Mesh, *, groups: Sequence[tuple[str, Sequence[int]]] | None = None) -> bytes:
    """Encode a mesh so that `read_glb` gives it back exactly.

    One glTF node, mesh and primitive per `MeshNode`, in order, without transforms, all in scene 0;
    positions, normals, UVs and colours are float32, indices uint32. Unused materials and images are
    kept, names are written as they are, and `mesh.extras` becomes `asset.extras`. Whatever has
    glTF's default value is left out, so equal meshes give equal bytes.

    Other tools rename nodes but keep their order: face i is found by walking three.js's scene
    depth-first, the values of trimesh's `Scene.geometry`, or Blender's `scene.objects` (not
    `bpy.data.objects`, which is sorted by name). Blender's importer drops faces that repeat a
    vertex, and all but one of faces with the same vertices; an object with such faces is off by
    these there.

    Args:
        mesh: what to write.
        groups: if given, one glTF node per entry instead: its name and the indices of the
            `MeshNode`s that become the primitives of its mesh. An entry without indices is a node
            without a mesh.

    Raises:
        ValueError: a node has no faces or a vertex that is not finite, which glTF cannot hold.
    """
    if groups is None:
        groups = [(node.name, (index,)) for index, node in enumerate(mesh.nodes)]
    binary, textures = _Binary(), _Textures()
    asset: dict[str, Any] = {"version": "2.0", "generator": "partworks"}
    document = {
        "asset": {**asset, "extras": dict(mesh.extras)} if mesh.extras else asset,
        "scene": 0,
        "scenes": [{"nodes": list(range(len(groups)))} if groups else {}],
        "nodes": _nodes(groups),
        "meshes": [_mesh(mesh, members, binary) for _, members in groups if members],
        "materials": [_material(material, textures) for material in mesh.materials],
        "textures": textures.textures,
        "samplers": textures.sampler_table(),
        "images": [
            _named(image.name, mimeType=image.mime, bufferView=binary.add_view(image.data))
            for image in mesh.images
        ],
        "accessors": binary.accessors,
        "bufferViews": binary.views,
        "buffers": [{"byteLength": binary.size}] if binary.size else [],
    }
    return _container({key: value for key, value in document.items() if value != []}, binary)


def _container(document: dict[str, Any], binary: _Binary) -> bytes:
    text = json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()
    text += b" " * (-len(text) % 4)
    parts = [struct.pack("<I4s", len(text), b"JSON"), text]
    if binary.size:
        parts += [struct.pack("<I4s", binary.size, b"BIN\0"), *binary.chunks]
    size = 12 + sum(map(len, parts))
    return b"".join([struct.pack("<4sII", b"glTF", 2, size), *parts])


def _named(name: str, **entry: Any) -> dict[str, Any]:
    return {**entry, "name": name} if name else entry


def _nodes(groups: Sequence[tuple[str, Sequence[int]]]) -> list[dict[str, Any]]:
    meshes = count()
    return [
        _named(name, mesh=next(meshes)) if members else _named(name) for name, members in groups
    ]


def _mesh(mesh: Mesh, members: Sequence[int], binary: _Binary) -> dict[str, Any]:
    primitives = [_primitive(mesh.nodes[index], index, binary) for index in members]
    return _named(mesh.nodes[members[0]].mesh_name, primitives=primitives)


def _primitive(node: MeshNode, index: int, binary: _Binary) -> dict[str, Any]:
    if not len(node.faces):
        raise ValueError(f"node {index} ({node.name!r}) has no faces; leave it out of the mesh")
    if not np.isfinite(node.vertices).all():
        raise ValueError(f"node {index} ({node.name!r}) has vertices that are not finite")
    attributes = {"POSITION": binary.add_array(node.vertices, target=ARRAY_BUFFER, bounds=True)}
    optional = {"NORMAL": node.normals, "TEXCOORD_0": node.uv, "COLOR_0": node.colors}
    for name, values in optional.items():
        if values is not None:
            attributes[name] = binary.add_array(values, target=ARRAY_BUFFER)
    corners = node.faces.astype(np.uint32).reshape(-1)
    primitive: dict[str, Any] = {
        "attributes": attributes,
        "indices": binary.add_array(corners, target=ELEMENT_BUFFER),
    }
    if node.material is not None:
        primitive["material"] = node.material
    return primitive


def _material(material: Material, textures: _Textures) -> dict[str, Any]:
    def use(reference: TextureRef | None, **more: float) -> dict[str, Any] | None:
        return None if reference is None else {"index": textures.index(reference), **more}

    scale = {} if material.normal_scale == 1 else {"scale": float(material.normal_scale)}
    surface = {
        "baseColorFactor": _unless(material.base_color, (1, 1, 1, 1)),
        "baseColorTexture": use(material.base_color_texture),
        "metallicFactor": None if material.metallic == 1 else float(material.metallic),
        "roughnessFactor": None if material.roughness == 1 else float(material.roughness),
        "metallicRoughnessTexture": use(material.metallic_roughness_texture),
    }
    masked = material.alpha_mode == "MASK" and material.alpha_cutoff != 0.5
    entry = {
        "name": material.name or None,
        "pbrMetallicRoughness": _present(surface) or None,
        "normalTexture": use(material.normal_texture, **scale),
        "occlusionTexture": use(material.occlusion_texture),
        "emissiveFactor": _unless(material.emissive, (0, 0, 0)),
        "emissiveTexture": use(material.emissive_texture),
        "alphaMode": None if material.alpha_mode == "OPAQUE" else material.alpha_mode,
        "alphaCutoff": float(material.alpha_cutoff) if masked else None,
        "doubleSided": material.double_sided or None,
    }
    return _present(entry)


def _unless(values: tuple[float, ...], default: tuple[float, ...]) -> list[float] | None:
    return None if tuple(values) == default else [float(value) for value in values]


def _present(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value is not None}
