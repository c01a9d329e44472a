"""The elements of a PLY file as columns of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partworks.errors import Rejected

_TYPES: Mapping[str, str] = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1",
    "short": "i2", "int16": "i2", "ushort": "u2", "uint16": "u2",
    "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4",
    "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip
_BYTE_ORDER = {"ascii": "<", "binary_little_endian": "<", "binary_big_endian": ">"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lists:
    """A list property: the entries of all rows, row after row, and how many each row has."""

    values: NDArray[Any]
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlyElement:
    """One element of a PLY file.

    Attributes:
        count: rows.
        scalars: property name -> (count,) numbers; float64 in an ASCII file.
        lists: property name -> its lists.
        types: property name -> dtype that the header declares.
    """

    count: int
    scalars: Mapping[str, NDArray[Any]]
    lists: Mapping[str, Lists]
    types: Mapping[str, np.dtype[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Property:
    name: str
    dtype: np.dtype[Any]
    count_dtype: np.dtype[Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Declared:
    name: str
    count: int
    properties: tuple[_Property, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlyFile:
    """The elements by name, and the image that a `TextureFile` comment names, or ''."""

    elements: Mapping[str, PlyElement]
    texture_file: str


def read_elements(data: bytes) -> PlyFile:
    """Read every element of a PLY file.

    Raises:
        Rejected: `invalid_ply` or `truncated`.
    """
    lines, body = _split(data)
    form, declared, texture_file = _parse_header(lines)
    for element in declared:
        if element.properties and element.count > len(body):
            raise _truncated(element)
    written = declared
    if form == "ascii":
        body = _numbers(body)
        declared = [_as_float64(element) for element in declared]
    elements = {}
    start = 0
    for element, header in zip(declared, written, strict=True):
        rows = _Rows(element, body, start)
        scalars, lists, start = rows.read()
        elements[element.name] = PlyElement(
            count=element.count,
            scalars=scalars,
            lists=lists,
            types={entry.name: entry.dtype for entry in header.properties},
        )
    return PlyFile(elements=elements, texture_file=texture_file)


def _split(data: bytes) -> tuple[list[list[str]], bytes]:
    """The words of each header line, and what follows the header."""
    lines: list[list[str]] = []
    start = 0
    while True:
        end = data.find(b"\n", start)
        if end < 0:
            raise Rejected("truncated", "the PLY ends inside its header")
        words = data[start:end].decode("latin-1").split()
        start = end + 1
        if words[:1] == ["end_header"]:
            return lines, data[start:]
        lines.append(words)


def _parse_header(lines: list[list[str]]) -> tuple[str, list[_Declared], str]:
    form, texture_file = "", ""
    declared: list[_Declared] = []
    for words in lines[1:]:
        match words:
            case ["format", found, *_] if found in _BYTE_ORDER:
                form = found
            case ["element", name, count] if count.isdecimal():
                declared.append(_Declared(name=name, count=int(count[:18])))
            case ["property", *rest] if declared and form:
                added = (*declared[-1].properties, _property(rest, _BYTE_ORDER[form]))
                declared[-1] = replace(declared[-1], properties=added)
            case ["comment", "TextureFile", *path]:
                texture_file = texture_file or " ".join(path)
            case ["comment" | "obj_info", *_] | []:
                pass
            case _:
                raise Rejected("invalid_ply", f"header line {' '.join(words)[:80]!r} is not PLY")
    if not form:
        raise Rejected("invalid_ply", "the header names no format that is known")
    return form, declared, texture_file


def _property(words: list[str], order: str) -> _Property:
    match words:
        case ["list", count, kind, name] if count in _TYPES and kind in _TYPES:
            counted = np.dtype(order + _TYPES[count])
            return _Property(name=name, dtype=np.dtype(order + _TYPES[kind]), count_dtype=counted)
        case [kind, name] if kind in _TYPES:
            return _Property(name=name, dtype=np.dtype(order + _TYPES[kind]))
    raise Rejected("invalid_ply", f"header line 'property {' '.join(words)[:80]}' is not PLY")


def _numbers(body: bytes) -> bytes:
    """ASCII numbers as float64, so that both forms are read alike."""
    words = body.split()
    try:
        return np.fromiter(map(float, words), np.float64, len(words)).tobytes()
    except ValueError as error:
        raise Rejected("invalid_ply", f"the ASCII body holds no number: {error}") from None


def _as_float64(element: _Declared) -> _Declared:
    number = np.dtype("<f8")
    return replace(
        element,
        properties=tuple(
            replace(entry, dtype=number, count_dtype=entry.count_dtype and number)
            for entry in element.properties
        ),
    )


def _truncated(element: _Declared) -> Rejected:
    return Rejected("truncated", f"the PLY ends before its {element.count} {element.name} rows do")


class _Rows:
    """Reads the rows of one element, at once where all of them look like the first."""

    def __init__(self, element: _Declared, body: bytes, start: int) -> None:
        self._element = element
        self._body = body
        self._start = start

    def read(self) -> tuple[dict[str, NDArray[Any]], dict[str, Lists], int]:
        """Scalars, lists, and where the next element starts."""
        if not self._element.count or not self._element.properties:
            return {}, {}, self._start
        return self._read_alike() or self._read_one_by_one()

    def _read_alike(self) -> tuple[dict[str, NDArray[Any]], dict[str, Lists], int] | None:
        lengths = self._first_lengths()
        fields: list[tuple[str, Any]] = []
        for place, entry in enumerate(self._element.properties):
            if entry.count_dtype is None:
                fields.append((f"{place}", entry.dtype))
            else:
                fields.append((f"{place} count", entry.count_dtype))
                fields.append((f"{place}", (entry.dtype, (lengths[place],))))
        row = np.dtype(fields)
        count = self._element.count
        end = self._start + count * row.itemsize
        if end > len(self._body):
            return None
        table = np.frombuffer(self._body, row, count, self._start)
        scalars, lists = {}, {}
        for place, entry in enumerate(self._element.properties):
            values = table[f"{place}"]
            if entry.count_dtype is None:
                scalars[entry.name] = values
            elif (table[f"{place} count"] != lengths[place]).any():
                return None
            else:
                counts = np.full(count, lengths[place], np.int64)
                lists[entry.name] = Lists(values=values.reshape(-1), counts=counts)
        return scalars, lists, end

    def _first_lengths(self) -> dict[int, int]:
        """How long the lists of the first row are."""
        lengths = {}
        start = self._start
        for place, entry in enumerate(self._element.properties):
            if entry.count_dtype is not None:
                lengths[place] = self._length(start, entry.count_dtype)
                start += entry.count_dtype.itemsize
            start += lengths.get(place, 1) * entry.dtype.itemsize
        if start > len(self._body):
            raise _truncated(self._element)
        return lengths

    def _length(self, start: int, dtype: np.dtype[Any]) -> int:
        length = float(self._take(start, 1, dtype)[0])
        if not 0 <= length <= len(self._body):
            raise Rejected("invalid_ply", f"a list of {self._element.name} has {length} entries")
        return int(length)

    def _take(self, start: int, count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        if start + count * dtype.itemsize > len(self._body):
            raise _truncated(self._element)
        return np.frombuffer(self._body, dtype, count, start)

    def _read_one_by_one(self) -> tuple[dict[str, NDArray[Any]], dict[str, Lists], int]:
        values: list[list[NDArray[Any]]] = [[] for _ in self._element.properties]
        start = self._start
        for _ in range(self._element.count):
            for place, entry in enumerate(self._element.properties):
                count = 1
                if entry.count_dtype is not None:
                    count = self._length(start, entry.count_dtype)
                    start += entry.count_dtype.itemsize
                values[place].append(self._take(start, count, entry.dtype))
                start += count * entry.dtype.itemsize
        scalars, lists = {}, {}
        for entry, pieces in zip(self._element.properties, values, strict=True):
            joined = np.concatenate(pieces)
            if entry.count_dtype is None:
                scalars[entry.name] = joined
            else:
                counts = np.fromiter(map(len, pieces), np.int64, len(pieces))
                lists[entry.name] = Lists(values=joined, counts=counts)
        return scalars, lists, start
