"""A file that is on its way: what has come stays, and the next attempt or run goes on from there.

Only bytes of one and the same version of a file may be put together, so the host's own mark of the
version (a strong ETag, else the date) is kept beside them and sent along in `If-Range`.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from ingest.fetch.places import subfolder

WORTH_KEEPING = 1 << 16
"""Bytes below which starting again costs less than remembering."""
_KEPT_S = 7 * 86400.0


class Partial:
    """The bytes of one URL so far, in a file that one process at a time may hold.

    Args:
        url: what is fetched.
        expected: the SHA-256 that is expected, so that another version starts afresh.

    Attributes:
        size: bytes so far.
    """

    def __init__(self, url: str, expected: str = "") -> None:
        _sweep()
        name = hashlib.sha256(f"{url}\0{expected}".encode()).hexdigest()
        self._path = subfolder("partial") / name
        self._mark_path = self._path.with_suffix(".mark")
        self._stream = self._open()
        self.size = self._stream.seek(0, os.SEEK_END)
        if not self.mark:
            self.clear()

    def _open(self) -> BinaryIO:
        stream = self._path.open("a+b")
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Another process fetches the same: go without its bytes rather than mix with them.
            stream.close()
            own = f"{self._path.name}-{os.getpid()}-{time.monotonic_ns()}"
            self._path = self._path.with_name(own)
            self._mark_path = self._path.with_suffix(".mark")
            stream = self._path.open("a+b")
        return stream

    @property
    def mark(self) -> str:
        """What `If-Range` is to carry; empty if the bytes cannot be gone on from."""
        with contextlib.suppress(OSError, ValueError, AttributeError, KeyError):
            return str(json.loads(self._mark_path.read_text(encoding="utf-8"))["if_range"])
        return ""

    def begin(self, headers: Mapping[str, str], *, resumed: bool) -> None:
        """Take what the answer says of the version; drop earlier bytes unless it goes on."""
        if resumed:
            return
        self.clear()
        etag = headers.get("ETag", "")
        found = headers.get("Last-Modified", "") if not etag or etag.startswith("W/") else etag
        if found and "Content-Encoding" not in headers:
            self._mark_path.write_text(json.dumps({"if_range": found}), encoding="utf-8")

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self._stream.write(data)
        self.size += len(data)

    def clear(self) -> None:
        """Forget everything."""
        self._mark_path.unlink(missing_ok=True)
        self._stream.truncate(0)
        self.size = 0

    def read(self) -> bytes:
        """All bytes."""
        self._stream.flush()
        self._stream.seek(0)
        return self._stream.read()

    def remove(self) -> None:
        """Delete the file, which has served."""
        self.clear()
        self._path.unlink(missing_ok=True)

    def __enter__(self) -> Partial:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.size < WORTH_KEEPING or not self.mark:
            self.remove()
        self._stream.close()


@cache
def _sweep() -> None:
    """Remove what nobody came back for; once a process."""
    for path in _old(subfolder("partial")):
        path.unlink(missing_ok=True)


def _old(folder: Path) -> Iterator[Path]:
    for entry in os.scandir(folder):
        with contextlib.suppress(OSError):
            if time.time() - entry.stat().st_mtime > _KEPT_S:
                yield Path(entry.path)
