"""Buffers, buffer views and accessors: the bytes of a glTF file as arrays, never out of bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.errors import Rejected
from partworks.geometry.gltf.constants import COMPONENT_TYPES, ELEMENT_WIDTHS
from partworks.geometry.gltf.document import Document
from partworks.geometry.gltf.fields import Fields
from partworks.geometry.gltf.meshopt import compression, decode_meshopt
from partworks.geometry.side_files import SideFiles


class Accessors:
    """Arrays of a document.

    Args:
        document: the glTF document.
        files: its side files.
        max_count: the most elements of an accessor that has no bytes behind it (all zeros), which
            would otherwise cost nothing to claim.
    """

    def __init__(self, document: Document, files: SideFiles, *, max_count: int) -> None:
        self._document = document
        self._files = files
        self._max_count = max_count
        self._buffers: dict[int, memoryview] = {}
        self._unpacked: dict[int, memoryview] = {}

    def describe(self, index: int, *, asked_by: str) -> Fields:
        """The accessor's JSON."""
        return self._document.entry("accessors", index, asked_by=asked_by)

    def read(self, index: int, *, asked_by: str, types: tuple[str, ...]) -> NDArray[Any]:
        """(count, width) array in the accessor's own component type, sparse values put in.

        The array may be a read-only view of the file.

        Args:
            index: the accessor.
            asked_by: who refers to it, for messages.
            types: the element types that make sense there, such as `("VEC3",)`.

        Raises:
            Rejected: `dangling_reference`, `bad_accessor`, `missing_buffer` …
        """
        accessor = self.describe(index, asked_by=asked_by)
        kind = accessor.text("type")
        if kind not in types:
            raise Rejected(
                "bad_accessor",
                f"{asked_by} is {accessor.where} of type {kind!r}, expected {' or '.join(types)}",
            )
        width, count = ELEMENT_WIDTHS[kind], accessor.needed_integer("count")
        dtype = component_type(accessor)
        view = accessor.integer("bufferView", None)
        if view is None:
            self._check_unbacked(accessor, count)
            values: NDArray[Any] = np.zeros((count, width), dtype)
        else:
            start = accessor.integer("byteOffset", 0)
            values = self._strided(view, start, (count, width), dtype, accessor.where)
        sparse = accessor.child("sparse")
        return values if sparse is None else self._patched(values, sparse)

    def read_float(self, index: int, *, asked_by: str, types: tuple[str, ...]) -> NDArray[Any]:
        """(count, width) float32, normalised integers mapped to [0, 1] or [-1, 1]."""
        values = self.read(index, asked_by=asked_by, types=types)
        accessor = self.describe(index, asked_by=asked_by)
        return to_float(values, normalized=accessor.flag("normalized"))

    def view(self, index: int, *, asked_by: str) -> tuple[memoryview, int]:
        """The bytes of a buffer view, and its stride (0 = tightly packed)."""
        view = self._document.entry("bufferViews", index, asked_by=asked_by)
        packed = compression(view)
        if packed is None:
            return self._slice(view), view.integer("byteStride", 0)
        # A plain copy beside it may be there or not; what is packed always is.
        if index not in self._unpacked:
            plain = decode_meshopt(packed, self._slice(packed), max_count=self._max_count)
            self._unpacked[index] = memoryview(plain)
        return self._unpacked[index], view.integer("byteStride", 0)

    def _slice(self, span: Fields) -> memoryview:
        """The bytes that `buffer`, `byteOffset` and `byteLength` of an entry mean."""
        content = self._buffer(span.needed_integer("buffer"), asked_by=span.where)
        start, size = span.integer("byteOffset", 0), span.needed_integer("byteLength")
        if start + size > len(content):
            raise Rejected(
                "bad_accessor",
                f"{span.where} spans bytes {start} to {start + size} of a buffer of {len(content)}",
            )
        return content[start : start + size]

    def _buffer(self, index: int, *, asked_by: str) -> memoryview:
        if index not in self._buffers:
            self._buffers[index] = self._load_buffer(index, asked_by=asked_by)
        return self._buffers[index]

    def _load_buffer(self, index: int, *, asked_by: str) -> memoryview:
        buffer = self._document.entry("buffers", index, asked_by=asked_by)
        size = buffer.needed_integer("byteLength")
        content = self._buffer_content(buffer, index)
        if len(content) < size:
            raise Rejected(
                "truncated", f"{buffer.where} says it has {size} bytes and has {len(content)}"
            )
        return content[:size]

    def _buffer_content(self, buffer: Fields, index: int) -> memoryview:
        if "uri" in buffer:
            uri = buffer.text("uri")
            content = self._files.read_uri(uri)
            if content is None:
                raise Rejected(
                    "missing_buffer",
                    f"{buffer.where} lies in {uri[:200]!r}, which did not come with the file; "
                    "hand it in beside the main file",
                )
            return memoryview(content)
        if index == 0 and self._document.binary is not None:
            return self._document.binary
        raise Rejected("missing_buffer", f"{buffer.where} has no uri and the file no BIN chunk")

    def _strided(
        self, view: int, start: int, shape: tuple[int, int], dtype: np.dtype[Any], where: str
    ) -> NDArray[Any]:
        content, stride = self.view(view, asked_by=where)
        element = shape[1] * dtype.itemsize
        stride = stride or element
        end = start + stride * (shape[0] - 1) + element if shape[0] else start
        if stride < element or end > len(content):
            raise Rejected(
                "bad_accessor",
                f"{where} needs {end} bytes in steps of {stride} for {shape[0]} elements of "
                f"{element} bytes, its buffer view has {len(content)}",
            )
        return np.ndarray(
            shape, dtype, buffer=content, offset=start, strides=(stride, dtype.itemsize)
        )

    def _check_unbacked(self, accessor: Fields, count: int) -> None:
        if count > self._max_count:
            raise Rejected(
                "too_large",
                f"{accessor.where} claims {count} elements without bytes behind them, "
                f"the limit is {self._max_count}",
            )

    def _patched(self, values: NDArray[Any], sparse: Fields) -> NDArray[Any]:
        places_of, values_of = sparse.child("indices"), sparse.child("values")
        if places_of is None or values_of is None:
            raise Rejected("invalid_gltf", f"{sparse.where} has no indices or no values")
        count = sparse.needed_integer("count")
        places = self._sparse_part(places_of, (count, 1), component_type(places_of))[:, 0]
        if places.dtype.kind != "u" or (count and int(places.max()) >= len(values)):
            raise Rejected(
                "bad_accessor", f"{sparse.where} patches elements beyond the {len(values)} there"
            )
        patched = values.copy()
        patched[places] = self._sparse_part(values_of, (count, values.shape[1]), values.dtype)
        return patched

    def _sparse_part(
        self, part: Fields, shape: tuple[int, int], dtype: np.dtype[Any]
    ) -> NDArray[Any]:
        view, start = part.needed_integer("bufferView"), part.integer("byteOffset", 0)
        return self._strided(view, start, shape, dtype, part.where)


def component_type(entry: Fields) -> np.dtype[Any]:
    """The dtype of an entry's `componentType`."""
    code = entry.needed_integer("componentType")
    if code not in COMPONENT_TYPES:
        raise Rejected("bad_accessor", f"{entry.where} has unknown component type {code}")
    return COMPONENT_TYPES[code]


def to_float(values: NDArray[Any], *, normalized: bool) -> NDArray[np.float32]:
    """glTF 2.0, section 3.6.2.2 and KHR_mesh_quantization: integers as they are, or normalised."""
    if values.dtype.kind == "f" or not normalized:
        return values.astype(np.float32)
    top = np.float32(np.iinfo(values.dtype).max)
    return np.maximum(values.astype(np.float32) / top, np.float32(-1))
