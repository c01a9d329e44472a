"""A folder of files named by the SHA-256 of their bytes: written once, never changed."""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from dataclasses import dataclass
from pathlib import Path

KINDS = {
    "glb": "model/gltf-binary",
    "u16": "application/octet-stream",
    "u32": "application/octet-stream",
}
"""Endings that may be stored, and their media types; each may be followed by `.gz`."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A stored file: its bytes' SHA-256 in hex, its ending without the first dot, its length."""

    sha256: str
    ext: str
    size: int

    @property
    def name(self) -> str:
        """The last part of its address."""
        return f"{self.sha256}.{self.ext}"


def media_type(ext: str) -> tuple[str, str | None]:
    """Content-Type and Content-Encoding of a file with ending `ext`; KeyError for another kind.

    What ends in `.gz` is sent as it lies, so that the browser unpacks it and nobody else has to.
    """
    plain = ext.removesuffix(".gz")
    return KINDS[plain], "gzip" if ext != plain else None


class BlobStore:
    """Blobs below a folder of this machine, at `xx/<sha256>.<ext>`.

    Args:
        root: the folder; made when the first blob is put.
    """

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)

    def path(self, sha256: str, ext: str) -> Path:
        """Where a blob lies, or would lie; ValueError for what can be no blob's name.

        Both come from addresses that anybody may ask for, so nothing but 64 hex digits and a known
        ending becomes part of a path.
        """
        if not _SHA256.fullmatch(sha256):
            raise ValueError("a blob is named by 64 hex digits in lower case")
        if ext.removesuffix(".gz") not in KINDS:
            raise ValueError(f"a blob ends in one of {', '.join(KINDS)}, or these with .gz")
        return self.root / sha256[:2] / f"{sha256}.{ext}"

    def put(self, data: bytes, *, ext: str) -> Blob:
        """Store bytes, whole or not at all; the same bytes are stored once."""
        sha256 = hashlib.sha256(data).hexdigest()
        target = self.path(sha256, ext)
        if not target.exists():
            _write(target, data)
        return Blob(sha256=sha256, ext=ext, size=len(data))

    def read(self, blob: Blob) -> bytes:
        """The bytes of a blob; FileNotFoundError if it was never put, ValueError if damaged."""
        data = self.path(blob.sha256, blob.ext).read_bytes()
        if hashlib.sha256(data).hexdigest() != blob.sha256:
            raise ValueError(f"{self.path(blob.sha256, blob.ext)} is damaged; import it again")
        return data


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # In the same folder, since a rename is atomic within one file system only.
    temporary = target.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        with temporary.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
