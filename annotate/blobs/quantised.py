"""A GLB with attributes of few bits (glTF's KHR_mesh_quantization), written array by array."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Int8 = NDArray[np.int8]
UInt16 = NDArray[np.uint16]

_COMPONENTS = {
    np.dtype(np.int8): 5120,
    np.dtype(np.uint16): 5123,
    np.dtype(np.uint32): 5125,
    np.dtype(np.float32): 5126,
}
_SHAPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}
_ARRAY, _ELEMENTS = 34962, 34963


class Quantised:
    """The binary part of a GLB as it grows, with the views and accessors that describe it."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._size = 0
        self._views: list[dict[str, Any]] = []
        self._accessors: list[dict[str, Any]] = []

    def add_view(self, data: bytes, **described: int) -> int:
        """Append bytes, 4-byte aligned; the index of their buffer view."""
        view = {"buffer": 0, "byteOffset": self._size, "byteLength": len(data), **described}
        self._views.append(view)
        padding = -len(data) % 4
        self._chunks += [data, bytes(padding)]
        self._size += len(data) + padding
        return len(self._views) - 1

    def add_attribute(
        self, values: NDArray[Any], *, normalized: bool = False, bounds: bool = False
    ) -> int:
        """Append (V, n) values, each row padded to four bytes; the index of their accessor."""
        columns = values.shape[1]
        stride = -(-columns * values.itemsize // 4) * 4
        padded = np.zeros((len(values), stride // values.itemsize), values.dtype.newbyteorder("<"))
        padded[:, :columns] = values
        accessor = {
            "bufferView": self.add_view(padded.tobytes(), byteStride=stride, target=_ARRAY),
            "componentType": _COMPONENTS[values.dtype],
            "count": len(values),
            "type": _SHAPES[columns],
        }
        if normalized:
            accessor["normalized"] = True
        if bounds:
            accessor["min"] = values.min(axis=0).tolist()
            accessor["max"] = values.max(axis=0).tolist()
        self._accessors.append(accessor)
        return len(self._accessors) - 1

    def add_indices(
        self, faces: NDArray[np.int32], *, vertices: int, runs: Sequence[int]
    ) -> list[int]:
        """Append (F, 3) faces; the accessor of each run of so many faces, one after another.

        The largest 16-bit number restarts a primitive and is no index.
        """
        dtype = np.dtype("<u2") if vertices < np.iinfo(np.uint16).max else np.dtype("<u4")
        view = self.add_view(faces.astype(dtype).tobytes(), target=_ELEMENTS)
        first = len(self._accessors)
        start = 0
        for count in runs:
            accessor = {
                "bufferView": view,
                "byteOffset": 3 * start * dtype.itemsize,
                "componentType": _COMPONENTS[dtype.newbyteorder("=")],
                "count": 3 * count,
                "type": "SCALAR",
            }
            self._accessors.append(accessor)
            start += count
        assert start == len(faces)
        return list(range(first, len(self._accessors)))

    def to_glb(self, document: Mapping[str, Any], *, required: Sequence[str]) -> bytes:
        """The file: `document` with the tables of what was added, keys sorted."""
        whole = {
            **document,
            "accessors": self._accessors,
            "bufferViews": self._views,
            "buffers": [{"byteLength": self._size}],
            "extensionsUsed": list(required),
            "extensionsRequired": list(required),
        }
        text = json.dumps(whole, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
        text += b" " * (-len(text) % 4)
        binary = b"".join(self._chunks)
        total = 12 + 8 + len(text) + 8 + len(binary)
        return b"".join(
            (
                struct.pack("<4sII", b"glTF", 2, total),
                struct.pack("<I4s", len(text), b"JSON"),
                text,
                struct.pack("<I4s", len(binary), b"BIN\0"),
                binary,
            )
        )


def positions(vertices: NDArray[np.float32]) -> tuple[UInt16, dict[str, list[float]]]:
    """(V, 3) uint16 positions, and the glTF node's translation and scale that undo it.

    One scale for all axes, so that normals need no correction; an error is at most a 131070th of
    the longest side of the bounding box along each axis.
    """
    lower = vertices.min(axis=0).astype(np.float64)
    extent = float((vertices.max(axis=0) - lower).max())
    step = extent / np.iinfo(np.uint16).max or 1.0
    shorts = np.rint((vertices - lower) / step).astype(np.uint16)
    return shorts, {"translation": lower.tolist(), "scale": [step] * 3}


def signed_bytes(directions: NDArray[np.float32]) -> Int8:
    """Values in [-1, 1] as normalised signed bytes."""
    levels: Int8 = np.rint(np.clip(np.nan_to_num(directions), -1, 1) * 127).astype(np.int8)
    return levels


def unit_shorts(values: NDArray[np.float32]) -> UInt16:
    """Values in [0, 1] as normalised unsigned shorts."""
    levels: UInt16 = np.rint(np.clip(np.nan_to_num(values), 0, 1) * 65535).astype(np.uint16)
    return levels
