"""Tars with the same bytes for the same members: USTAR, no times, no owners, read-only.

A sample is a tar of its own, and a shard is the samples' bodies behind one another with one end, so
that putting shards together copies bytes and encodes nothing.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * BLOCK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Where a member's content lies in a tar, in bytes from its start."""

    name: str
    offset: int
    size: int


def pack(members: Mapping[str, bytes]) -> bytes:
    """A tar of `members` in the order given."""
    return b"".join(_entry(name, data) for name, data in members.items()) + END


def _entry(name: str, data: bytes) -> bytes:
    header = tarfile.TarInfo(name)
    header.size = len(data)
    header.mode = 0o444
    padding = bytes(-len(data) % BLOCK)
    return header.tobuf(tarfile.USTAR_FORMAT) + data + padding


def body(tar: bytes) -> bytes:
    """A tar made by `pack` without its end."""
    if tar[-len(END) :] != END or len(tar) % BLOCK:
        raise ValueError("the tar does not end with two empty blocks; it is cut off")
    return tar[: -len(END)]


def members(tar: bytes) -> Iterator[Member]:
    """The members of a tar, in order."""
    with tarfile.open(fileobj=io.BytesIO(tar), mode="r:") as archive:
        for info in archive:
            yield Member(name=info.name, offset=info.offset_data, size=info.size)
