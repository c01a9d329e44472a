"""Who an asset is: its uid is made of its bytes, so that equal assets are one object."""

from __future__ import annotations

import hashlib

from partworks.errors import Failed
from partworks.records import SourceRecord

UID_LENGTH = 32


def uid_of(digest: str) -> str:
    """The uid of source bytes with this SHA-256, in hex."""
    return digest[:UID_LENGTH]


def content_uid(data: bytes) -> str:
    """The uid of source bytes."""
    return uid_of(hashlib.sha256(data).hexdigest())


def check_content(record: SourceRecord, data: bytes) -> bytes:
    """Return `data` if it is what was listed, else raise Failed('fetch_failed')."""
    if content_uid(data) != record.uid:
        raise Failed(
            "fetch_failed",
            f"{record.location} is not what it was when the source was listed; run again",
        )
    return data
