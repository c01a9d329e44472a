"""Vertex streams: bytes grouped by sixteen, each group with as few bits as it needs.

Source: EXT_meshopt_compression, appendix A, mode 0 (version 0), and KHR_meshopt_compression
(version 1). Elements come in blocks; in a block, byte k of all elements is stored together as
differences to the element before, in groups of 16.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.meshopt.damage import Damaged

UInt8 = NDArray[np.uint8]
Int64 = NDArray[np.int64]

MAX_STRIDE = 256
_GROUP = 16
_BLOCK_BYTES, _BLOCK_ELEMENTS = 8192, 256
_BITS = {0: ((0, 2, 4, 8),), 1: ((0, 1, 2, 4), (1, 2, 4, 8))}
_LITERAL, _ZERO = 3, 2
_LEAST_TAIL = {0: 32, 1: 24}


def decode_attributes(data: bytes, *, count: int, stride: int) -> UInt8:
    """(count, stride) uint8: the elements of a vertex stream.

    Args:
        data: the stream.
        count: the elements that it holds.
        stride: bytes of an element, a multiple of 4 up to 256.

    Raises:
        Damaged: it is cut off, too long, or of an unknown version.
    """
    if stride % 4 or not 0 < stride <= MAX_STRIDE:
        raise Damaged(f"elements of {stride} bytes, expected a multiple of 4 up to {MAX_STRIDE}")
    if not data or data[0] & 0xF0 != 0xA0 or data[0] & 0x0F not in _BITS:
        raise Damaged(f"the vertex stream starts with {data[:1].hex()!r}, expected a0 or a1")
    version = data[0] & 0x0F
    own = stride if version == 0 else stride + stride // 4
    tail = max(own, _LEAST_TAIL[version])
    if len(data) < 1 + tail:
        raise Damaged(f"a vertex stream of {len(data)} bytes, its tail alone has {tail}")
    first = np.frombuffer(data, np.uint8, stride, len(data) - own)
    channels = data[len(data) - own + stride :] if version else bytes(stride // 4)
    layout = _Layout(data, len(data) - tail, version=version)
    layout.walk(count, stride)
    return _accumulate(layout.differences(count, stride), first, channels)


@dataclass(slots=True)
class _Places:
    """Where groups of one width begin in the stream, and where their 16 bytes go."""

    source: list[int]
    target: list[int]


class _Layout:
    """Finds where each group lies; a group's length depends on what is in it, so this is a walk.

    Only lengths are computed one after another, and looked up in tables made in one go; the groups
    of each width are then unpacked together.
    """

    def __init__(self, data: bytes, end: int, *, version: int) -> None:
        self._data, self._end, self._version = data, end, version
        self._bytes = np.frombuffer(data, np.uint8)
        self._sizes: dict[int, bytes] = {
            bits: _group_sizes(self._bytes, bits) for bits in (1, 2, 4)[1 - version :]
        }
        self._groups = {bits: _Places([], []) for bits in (1, 2, 4, 8)}
        self._literals: list[tuple[int, int, int]] = []

    def walk(self, count: int, stride: int) -> None:
        """Go through the stream; `target` numbers bytes of a (stride, padded count) table."""
        block = min((_BLOCK_BYTES // stride) & ~(_GROUP - 1), _BLOCK_ELEMENTS)
        padded = _padded(count)
        place = 1
        for start in range(0, count, block):
            elements = min(block, count - start)
            control, place = self._control(place, stride)
            for byte in range(stride):
                width = control[byte]
                if width == _ZERO and self._version:
                    continue
                target = byte * padded + start
                if width == _LITERAL and self._version:
                    self._literals.append((place, target, elements))
                    place += elements
                else:
                    place = self._byte_stream(place, target, elements, _BITS[self._version][width])
                if place > self._end:
                    raise Damaged("the vertex stream ends early")
        if place != self._end:
            raise Damaged(f"{self._end - place} bytes of the vertex stream are left over")

    def _control(self, place: int, stride: int) -> tuple[list[int], int]:
        if self._version == 0:
            return [0] * stride, place
        packed = self._data[place : place + stride // 4]
        if len(packed) < stride // 4:
            raise Damaged("the vertex stream ends early")
        return [byte >> shift & 3 for byte in packed for shift in (0, 2, 4, 6)], place + len(packed)

    def _byte_stream(self, place: int, target: int, elements: int, widths: tuple[int, ...]) -> int:
        groups = -(-elements // _GROUP)
        header = place
        place += -(-groups // 4)
        if place > self._end:
            raise Damaged("the vertex stream ends early")
        data = self._data
        for group in range(groups):
            bits = widths[data[header + (group >> 2)] >> ((group & 3) * 2) & 3]
            if not bits:
                continue
            if place >= self._end:
                raise Damaged("the vertex stream ends early")
            found = self._groups[bits]
            found.source.append(place)
            found.target.append(target + group * _GROUP)
            place += _GROUP if bits == 8 else self._sizes[bits][place]
        return place

    def differences(self, count: int, stride: int) -> UInt8:
        """(stride, count) uint8, what `walk` found, unpacked."""
        table = np.zeros(stride * _padded(count) + _GROUP, np.uint8)
        # A group at the very end of a damaged stream may reach beyond it.
        source = np.concatenate([self._bytes, np.zeros(2 * _GROUP, np.uint8)])
        for bits, places in self._groups.items():
            if places.source:
                where = np.asarray(places.target)[:, None] + np.arange(_GROUP)
                table[where] = _unpack(source, np.asarray(places.source), bits)
        for place, target, elements in self._literals:
            table[target : target + elements] = source[place : place + elements]
        return table[:-_GROUP].reshape(stride, -1)[:, :count]


def _padded(count: int) -> int:
    return -(-count // _GROUP) * _GROUP


def _digits(source: UInt8, bits: int) -> UInt8:
    """(…, 8 / bits) the fields of each byte: the highest first, single bits the lowest first."""
    shifts = np.arange(0, 8, bits, dtype=np.uint8)
    ordered = shifts if bits == 1 else shifts[::-1]
    digits: UInt8 = (source[..., None] >> ordered) & np.uint8((1 << bits) - 1)
    return digits


def _group_sizes(source: UInt8, bits: int) -> bytes:
    """For each place, the bytes of a group that began there: its fields and what they set aside."""
    full = (1 << bits) - 1
    per_byte = (_digits(np.arange(256, dtype=np.uint8), bits) == full).sum(axis=1)
    width = 2 * bits
    sums = np.concatenate([[0], np.cumsum(per_byte[source])])
    ends = np.minimum(np.arange(len(source)) + width, len(source))
    sizes: UInt8 = (width + sums[ends] - sums[:-1]).astype(np.uint8)
    return sizes.tobytes()


def _unpack(source: UInt8, places: Int64, bits: int) -> UInt8:
    """(G, 16) uint8: a field that is all ones stands for a byte behind the fields."""
    if bits == 8:
        return np.asarray(source[places[:, None] + np.arange(_GROUP)])
    width = 2 * bits
    fields = _digits(source[places[:, None] + np.arange(width)], bits).reshape(len(places), _GROUP)
    escaped = fields == (1 << bits) - 1
    behind = places[:, None] + width + np.cumsum(escaped, axis=1) - 1
    return np.where(escaped, source[behind * escaped], fields)


def _accumulate(differences: UInt8, first: UInt8, channels: bytes) -> UInt8:
    """(count, stride) uint8 elements of (stride, count) differences, four bytes at a time."""
    stride, count = differences.shape
    elements = np.zeros((stride, count), np.uint8)
    for index, channel in enumerate(channels):
        rows = slice(4 * index, 4 * index + 4)
        kind = channel & 3
        if kind == 3 or (kind != 2 and channel > 3):
            raise Damaged(f"channel {index} of the vertex stream has the unknown kind {channel}")
        if kind == 2:
            turn = channel >> 4
            elements[rows] = _xor(differences[rows], first[rows], turn)
        else:
            elements[rows] = _add(differences[rows], first[rows], width=1 + kind)
    return np.ascontiguousarray(elements.T)


def _words(rows: UInt8, width: int) -> NDArray[np.uint32]:
    """(4 / width, …) little-endian numbers of `width` bytes each."""
    parts = rows.reshape(4 // width, width, *rows.shape[1:]).astype(np.uint32)
    shifts = np.arange(0, 8 * width, 8, dtype=np.uint32)
    shifted = parts << shifts.reshape(1, width, *[1] * (rows.ndim - 1))
    return np.asarray(np.bitwise_or.reduce(shifted, axis=1))


def _bytes_of(words: NDArray[np.uint32], width: int) -> UInt8:
    shifts = np.arange(0, 8 * width, 8, dtype=np.uint32)
    return ((words[:, None] >> shifts[None, :, None]) & 0xFF).astype(np.uint8).reshape(4, -1)


def _add(rows: UInt8, first: UInt8, *, width: int) -> UInt8:
    """Zigzag differences, added up modulo 2 ** (8 × width)."""
    words = _words(rows, width)
    signed = (words >> 1) ^ (np.uint32(0) - (words & 1))
    # Sums modulo 2 ** 32 are right in their lower bytes.
    sums = np.cumsum(signed, axis=1, dtype=np.uint32) + _words(first, width)[:, None]
    return _bytes_of(sums.astype(np.uint32), width)


def _xor(rows: UInt8, first: UInt8, turn: int) -> UInt8:
    """Differences that were rotated left by `turn` bits before they were stored."""
    words = _words(rows, 4)
    if turn:
        words = (words >> np.uint32(turn)) | (words << np.uint32(32 - turn))
    changes = np.bitwise_xor.accumulate(words, axis=1)
    return _bytes_of(changes ^ _words(first, 4)[:, None], 4)
