"""Tars with the same bytes for the same members: USTAR, no times, no owners, read-only.

A sample is a tar of its own, and a shard has the members of its samples behind one another with one
end, so that putting shards together encodes nothing but a sample's json anew.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from shards.reader.writing import BLOCK, END, entry

__all__ = ["BLOCK", "END", "Member", "entry", "members", "pack", "scan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Where a member's content lies in a tar, in bytes from its start."""

    name: str
    offset: int
    size: int


def pack(members: Mapping[str, bytes]) -> bytes:
    """A tar of `members` in the order given."""
    return b"".join(entry(name, data) for name, data in members.items()) + END


def members(tar: bytes) -> Iterator[Member]:
    """The members of a tar, in order; `tarfile.TarError` where it is damaged."""
    return scan(io.BytesIO(tar))


def scan(stream: BinaryIO) -> Iterator[Member]:
    """The members of a tar that can be sought in; the contents are passed over, not read."""
    with tarfile.open(fileobj=stream, mode="r:") as archive:
        for info in archive:
            yield Member(name=info.name, offset=info.offset_data, size=info.size)
