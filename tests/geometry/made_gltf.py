"""Hand-made glTF files for tests: the JSON is a plain dict that a test may bend as it likes."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

_COMPONENT = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123, "u4": 5125, "f4": 5126}
_SHAPE = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}

# A tetrahedron with outward faces: volume 1/6.
CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
FACES = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.uint16)


def volume(vertices: NDArray[Any], faces: NDArray[Any]) -> float:
    """Signed volume of a closed mesh: positive if its faces look outwards."""
    a, b, c = (vertices.astype(np.float64)[faces[:, k]] for k in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


class MadeGltf:
    """A document and its binary buffer as they grow."""

    def __init__(self) -> None:
        self.binary = b""
        self.json: dict[str, Any] = {
            "asset": {"version": "2.0"},
            "scene": 0,
            "scenes": [{"nodes": [0]}],
            "nodes": [{"mesh": 0}],
            "meshes": [],
            "accessors": [],
            "bufferViews": [],
            "buffers": [{"byteLength": 0}],
        }

    def view(self, data: bytes, **more: Any) -> int:
        """Append a buffer view."""
        entry = {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data), **more}
        self.json["bufferViews"].append(entry)
        self.binary += data + bytes(-len(data) % 4)
        self.json["buffers"][0]["byteLength"] = len(self.binary)
        return len(self.json["bufferViews"]) - 1

    def array(self, values: Any, **more: Any) -> int:
        """Append an accessor with its buffer view."""
        array = np.asarray(values)
        table = array.reshape(len(array), -1)
        entry = {
            "bufferView": self.view(array.tobytes()),
            "componentType": _COMPONENT[array.dtype.str[1:]],
            "count": len(table),
            "type": _SHAPE[table.shape[1]],
            **more,
        }
        self.json["accessors"].append(entry)
        return len(self.json["accessors"]) - 1

    def mesh(self, *primitives: dict[str, Any], name: str = "") -> int:
        """Append a mesh."""
        self.json["meshes"].append({"primitives": list(primitives), "name": name})
        return len(self.json["meshes"]) - 1

    def to_glb(self) -> bytes:
        """The GLB."""
        return pack_glb(self.json, self.binary)


def tetrahedron(**attributes: Any) -> MadeGltf:
    """One node with one indexed tetrahedron; `attributes` are more vertex arrays by glTF name."""
    made = MadeGltf()
    arrays = {"POSITION": CORNERS, **attributes}
    primitive = {"attributes": {name: made.array(values) for name, values in arrays.items()}}
    made.mesh({**primitive, "indices": made.array(FACES.reshape(-1))})
    return made


def pack_glb(document: dict[str, Any], binary: bytes = b"") -> bytes:
    """A GLB of any JSON, valid or not."""
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<I4s", len(text), b"JSON") + text
    if binary:
        body += struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body
