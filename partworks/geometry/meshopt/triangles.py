"""Triangle streams: each triangle told by an edge and vertices that were seen shortly before.

Source: EXT_meshopt_compression, appendix A, mode 1. What a triangle means depends on all before it,
so the loop is one of Python; a million faces take some seconds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.meshopt.damage import Damaged

_TABLE = 16
"""Bytes of the table of frequent corner codes, at the end."""


def decode_triangles(data: bytes, *, count: int) -> NDArray[np.uint32]:
    """(count,) uint32 vertex indices of a triangle stream, in the order in which it was encoded.

    Args:
        data: the stream.
        count: the indices that it holds, three a triangle.

    Raises:
        Damaged: it is cut off, too long, or of an unknown version.
    """
    if count % 3:
        raise Damaged(f"{count} indices, expected three a triangle")
    if not data or data[0] not in (0xE0, 0xE1):
        raise Damaged(f"the triangle stream starts with {data[:1].hex()!r}, expected e0 or e1")
    if len(data) < 1 + count // 3 + _TABLE:
        raise Damaged(f"{len(data)} bytes are too few for {count // 3} triangles")
    decoder = _Decoder(data, 1 + count // 3)
    corners = decoder.run(data[1 : 1 + count // 3])
    # Indices are sums modulo 2 ** 32.
    return (np.asarray(corners, np.int64) & 0xFFFF_FFFF).astype(np.uint32)


class _Decoder:
    """The last 16 edges and vertices, and the free indices that the stream spells out."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data, self._place = data, start
        self._end = len(data) - _TABLE
        self._newest_code = 13 if data[0] & 1 else 15
        self._edges = [(0, 0)] * 16
        self._edge = 0
        self._vertices = [0] * 16
        self._vertex = 0
        self._next = self._last = 0

    def run(self, codes: bytes) -> list[int]:
        """The corners of all triangles."""
        corners: list[int] = []
        table = self._data[self._end :]
        for code in codes:
            if self._place > self._end:
                raise Damaged("the triangle stream ends early")
            if code < 0xF0:
                corners += self._beside_an_edge(code)
            elif code < 0xFE:
                corners += self._alone(0, table[code & 15], spelled=False)
            else:
                corners += self._spelled(code)
        if self._place != self._end:
            raise Damaged(f"{self._end - self._place} bytes of the triangle stream are left over")
        return corners

    def _beside_an_edge(self, code: int) -> tuple[int, int, int]:
        edges, vertices = self._edges, self._vertices
        a, b = edges[(self._edge - 1 - (code >> 4)) & 15]
        corner = code & 15
        if corner == 0:
            c = self._next
            self._next += 1
        elif corner < self._newest_code:
            c = vertices[(self._vertex - 1 - corner) & 15]
        else:
            # 13 and 14 are the last free index less and plus one.
            c = self._last + (corner - (corner ^ 3)) if corner != 15 else self._free()
            self._last = c
            corner = 0
        if corner == 0:
            vertices[self._vertex] = c
            self._vertex = (self._vertex + 1) & 15
        place = self._edge
        edges[place] = (c, b)
        edges[(place + 1) & 15] = (a, c)
        self._edge = (place + 2) & 15
        return a, b, c

    def _spelled(self, code: int) -> tuple[int, int, int]:
        if self._place >= self._end:
            raise Damaged("the triangle stream ends early")
        pair = self._data[self._place]
        self._place += 1
        if pair == 0:
            self._next = 0
        return self._alone(0 if code == 0xFE else 15, pair, spelled=True)

    def _alone(self, first: int, pair: int, *, spelled: bool) -> tuple[int, int, int]:
        """A triangle without a known edge; new vertices are numbered before any is pushed."""
        kinds = (first, pair >> 4, pair & 15)
        found = [self._known(kind) for kind in kinds]
        if spelled:
            for place, kind in enumerate(kinds):
                if kind == 15:
                    found[place] = self._last = self._free()
        a, b, c = found
        for kind, index in zip(kinds, found, strict=True):
            if kind == 0 or (kind == 15 and spelled):
                self._vertices[self._vertex] = index
                self._vertex = (self._vertex + 1) & 15
        for edge in ((b, a), (c, b), (a, c)):
            self._edges[self._edge] = edge
            self._edge = (self._edge + 1) & 15
        return a, b, c

    def _known(self, kind: int) -> int:
        if kind == 0:
            self._next += 1
            return self._next - 1
        return self._vertices[(self._vertex - kind) & 15]

    def _free(self) -> int:
        """A difference to the last free index, seven bits a byte and its sign in the lowest."""
        value = shift = 0
        while shift < 35:
            if self._place >= self._end:
                raise Damaged("the triangle stream ends early")
            byte = self._data[self._place]
            self._place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        return self._last + ((value >> 1) ^ -(value & 1))
