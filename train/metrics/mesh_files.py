"""Meshes as GLB files, one named and coloured node per part (glTF 2.0)."""

from __future__ import annotations

import colorsys
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.metrics.mesh import TriangleMesh

Float64 = NDArray[np.float64]
Color = tuple[float, float, float]

_ARRAY_BUFFER, _ELEMENT_BUFFER = 34962, 34963
_FLOAT, _UNSIGNED = 5126, 5125
_GOLDEN = 0.618033988749895
_WHITE: Color = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NamedMesh:
    """A node of a GLB.

    Attributes:
        name: of the node.
        mesh: in the frame of the object; a node of an empty one has no geometry.
        color: red, green and blue in 0…1, sRGB.
        vertex_colors: (V, 3) float64 in 0…1, sRGB, instead of the one colour.
    """

    name: str
    mesh: TriangleMesh
    color: Color
    vertex_colors: Float64 | None = None


def part_color(index: int) -> Color:
    """A colour for a part that differs from those of the parts before it, the same every time."""
    return colorsys.hsv_to_rgb((index * _GOLDEN) % 1.0, 0.55, 0.9)


def vertex_normals(mesh: TriangleMesh) -> Float64:
    """(V, 3) float64 unit means of face normals, weighed by area; +z where faces cancel out."""
    total, crossed = np.zeros_like(mesh.vertices), mesh.crossed
    for corner in range(3):
        np.add.at(total, mesh.faces[:, corner], crossed)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.where(length > 0, total / np.where(length > 0, length, 1.0), [0.0, 0.0, 1.0])


def write_glb(parts: Sequence[NamedMesh]) -> bytes:
    """A GLB with one node per part, in order; equal parts give equal bytes."""
    binary = _Binary()
    nodes: list[dict[str, Any]] = []
    meshes: list[dict[str, Any]] = []
    materials: list[dict[str, Any]] = []
    for part in parts:
        if part.mesh.is_empty:
            nodes.append({"name": part.name})
            continue
        nodes.append({"name": part.name, "mesh": len(meshes)})
        meshes.append({"name": part.name, "primitives": [_primitive(part, binary, len(meshes))]})
        # Colours of vertices are multiplied with that of the material.
        materials.append(_material(part.color if part.vertex_colors is None else _WHITE))
    document = {
        "asset": {"version": "2.0", "generator": "partworks train"},
        "scene": 0,
        "scenes": [{"nodes": list(range(len(nodes)))} if nodes else {}],
        "nodes": nodes,
        "meshes": meshes,
        "materials": materials,
        "accessors": binary.accessors,
        "bufferViews": binary.views,
        "buffers": [{"byteLength": len(binary.data)}] if binary.data else [],
    }
    # glTF knows no empty lists.
    return _container({key: value for key, value in document.items() if value != []}, binary)


class _Binary:
    """The binary chunk as it grows, and the entries that describe it."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []

    def add(self, values: NDArray[Any], *, target: int, bounds: bool = False) -> int:
        """Append (N, 3) float32 or (N,) uint32; returns the index of the accessor."""
        is_index = values.dtype == np.uint32
        view = {"buffer": 0, "byteOffset": len(self.data), "byteLength": values.nbytes}
        self.views.append({**view, "target": target})
        self.data += values.astype(values.dtype.newbyteorder("<")).tobytes()
        accessor: dict[str, Any] = {
            "bufferView": len(self.views) - 1,
            "componentType": _UNSIGNED if is_index else _FLOAT,
            "count": len(values),
            "type": "SCALAR" if is_index else "VEC3",
        }
        if bounds:
            accessor["min"] = [float(value) for value in values.min(axis=0)]
            accessor["max"] = [float(value) for value in values.max(axis=0)]
        self.accessors.append(accessor)
        return len(self.accessors) - 1


def _primitive(part: NamedMesh, binary: _Binary, material: int) -> dict[str, Any]:
    positions = part.mesh.vertices.astype(np.float32)
    normals = vertex_normals(part.mesh).astype(np.float32)
    attributes = {
        "POSITION": binary.add(positions, target=_ARRAY_BUFFER, bounds=True),
        "NORMAL": binary.add(normals, target=_ARRAY_BUFFER),
    }
    if part.vertex_colors is not None:
        colors = _linear(part.vertex_colors).astype(np.float32)
        attributes["COLOR_0"] = binary.add(colors, target=_ARRAY_BUFFER)
    return {
        "attributes": attributes,
        "indices": binary.add(
            part.mesh.faces.astype(np.uint32).reshape(-1), target=_ELEMENT_BUFFER
        ),
        "material": material,
    }


def _material(color: Color) -> dict[str, Any]:
    # Predicted surfaces may be open; both of their sides are worth seeing.
    return {
        "doubleSided": True,
        "pbrMetallicRoughness": {
            "baseColorFactor": [*_linear(np.array(color)).tolist(), 1.0],
            "metallicFactor": 0.0,
            "roughnessFactor": 0.8,
        },
    }


def _linear(channels: Float64) -> Float64:
    """Channels of sRGB as glTF wants factors and colours of vertices."""
    bright = ((channels + 0.055) / 1.055) ** 2.4
    # Powers differ in their last digit between processors.
    return np.round(np.where(channels <= 0.04045, channels / 12.92, bright), 6)


def _container(document: dict[str, Any], binary: _Binary) -> bytes:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text
    if binary.data:
        chunks += struct.pack("<I4s", len(binary.data), b"BIN\0") + bytes(binary.data)
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks
