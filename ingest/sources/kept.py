"""Source bytes that an earlier run has kept, so that nobody is asked for them again."""

from __future__ import annotations

import hashlib

from partworks import layout
from partworks.records import SourceRecord
from partworks.store import Store

LOCAL = frozenset(("samples", "folder", "partverse"))
"""Sources whose own files are at hand, and may have changed since."""


def kept_bytes(record: SourceRecord, store: Store) -> bytes | None:
    """The source bytes in the root, if they are there and right; None if they must be fetched."""
    path = layout.source(record.uid, record.ext)
    if record.source in LOCAL or not store.exists(path):
        return None
    data = store.read(path)
    return data if is_right(record, data) else None


def is_right(record: SourceRecord, data: bytes) -> bool:
    """Whether bytes are those of a record, as far as its source lets one know.

    A GLB that is shorter than its own header says is never right, whoever has cut it off.
    """
    if record.size and len(data) != record.size:
        return False
    if record.sha256:
        return hashlib.sha256(data).hexdigest() == record.sha256.lower()
    whole = data[:4] != b"glTF" or int.from_bytes(data[8:12], "little") <= len(data)
    return bool(data) and whole
