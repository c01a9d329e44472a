"""Index sequences: strips, lines and other indices, as differences to one of two last ones.

Source: EXT_meshopt_compression, appendix A, mode 2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.meshopt.damage import Damaged

_TAIL = 4
_LONGEST = 5
"""Bytes of the longest number."""


def decode_sequence(data: bytes, *, count: int) -> NDArray[np.uint32]:
    """(count,) uint32 indices.

    Args:
        data: the stream.
        count: the indices that it holds.

    Raises:
        Damaged: it is cut off, too long, or of an unknown version.
    """
    if not data or data[0] not in (0xD0, 0xD1):
        raise Damaged(f"the index stream starts with {data[:1].hex()!r}, expected d0 or d1")
    numbers = _numbers(np.frombuffer(data[1 : max(1, len(data) - _TAIL)], np.uint8))
    if len(numbers) != count:
        raise Damaged(f"the index stream holds {len(numbers)} indices, expected {count}")
    baseline = (numbers & 1).astype(bool)
    zigzag = numbers >> np.uint64(1)
    change = (zigzag >> np.uint64(1)).astype(np.int64) ^ -(zigzag & np.uint64(1)).astype(np.int64)
    indices = np.zeros(count, np.int64)
    for own in (baseline, ~baseline):
        indices[own] = np.cumsum(change[own])
    return (indices & 0xFFFF_FFFF).astype(np.uint32)


def _numbers(stream: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Numbers of seven bits a byte, the lowest first; a byte below 128 ends one."""
    ends = np.flatnonzero(stream < 0x80)
    if len(stream) and (not len(ends) or ends[-1] != len(stream) - 1):
        raise Damaged("the index stream ends within a number")
    starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
    if len(ends) and int((ends - starts).max()) >= _LONGEST:
        raise Damaged(f"an index of more than {_LONGEST} bytes")
    values = np.zeros(len(ends), np.uint64)
    for byte in range(_LONGEST):
        place = starts + byte
        inside = place <= ends
        digits = stream[np.minimum(place, len(stream) - 1)][inside].astype(np.uint64)
        values[inside] |= (digits & np.uint64(0x7F)) << np.uint64(7 * byte)
    return values & np.uint64(0xFFFF_FFFF)
