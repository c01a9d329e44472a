"""A dataset root on any fsspec URL: reads, atomic writes, checksums.

On a local disk a file is written under `.tmp/` of the same root, flushed to the disk and renamed
into place; an object store makes a file visible whole or not at all. Either way a reader never sees
half a file.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import fsspec
from fsspec.implementations.local import LocalFileSystem

from partworks.errors import UsageError
from partworks.records import Output

TEMPORARY = ".tmp"
_CHANGING = ("size", "mtime", "ino", "ETag", "etag", "LastModified", "generation", "created")
"""What file systems say of a file that is another one once it has other content."""


class Store:
    """The files below one root.

    Args:
        url: a folder or any fsspec URL, such as `data/run1` or `s3://bucket/run1`. Credentials and
            endpoints come from the environment, as the file system's own documentation says
            (for S3: `AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, …).

    Every path is relative to the root, with forward slashes; one that climbs out of it is refused.
    """

    def __init__(self, url: str) -> None:
        if "://" not in url:
            url = str(Path(url).expanduser().absolute())
        self.url = url.rstrip("/")
        try:
            self._fs, base = fsspec.core.url_to_fs(self.url, skip_instance_cache=False)
        except (ValueError, ImportError) as error:
            raise UsageError(
                f"--root {url!r} is not a location that fsspec knows: {error}"
            ) from error
        self._base = base.rstrip("/")
        # Listings of an object store are cached by default, and other processes write here.
        self._fs.use_listings_cache = False

    def __reduce__(self) -> tuple[type[Store], tuple[str]]:
        return type(self), (self.url,)

    @property
    def is_local(self) -> bool:
        """Whether the root is a folder of this machine."""
        return isinstance(self._fs, LocalFileSystem)

    @property
    def local_path(self) -> Path:
        """The folder of a local root."""
        assert self.is_local
        return Path(self._base)

    def _full(self, path: str) -> str:
        pieces = path.split("/")
        if path.startswith("/") or any(piece in ("", ".", "..") for piece in pieces):
            raise ValueError(f"path {path!r} must be relative to the root and stay below it")
        return f"{self._base}/{path}"

    def read(self, path: str) -> bytes:
        """The content of a file; FileNotFoundError names the path below the root."""
        try:
            return cast(bytes, self._fs.cat_file(self._full(path)))
        except FileNotFoundError as error:
            raise FileNotFoundError(f"{path} is not in {self.url}") from error

    def open(self, path: str) -> BinaryIO:
        """A seekable stream for reading."""
        return cast(BinaryIO, self._fs.open(self._full(path), "rb"))

    def exists(self, path: str) -> bool:
        """Whether a file lies at `path`."""
        self._fs.invalidate_cache()
        return bool(self._fs.exists(self._full(path)))

    def size(self, path: str) -> int:
        """The length of a file in bytes."""
        return int(self._fs.size(self._full(path)))

    def write(self, path: str, data: bytes) -> Output:
        """Put `data` at `path`, whole or not at all, and return its checksum."""
        full = self._full(path)
        if self.is_local:
            self._write_local(Path(full), data)
        else:
            self._fs.pipe_file(full, data)
        return Output(path=path, sha256=hashlib.sha256(data).hexdigest(), size=len(data))

    def write_all(self, files: Iterable[tuple[str, bytes]]) -> tuple[Output, ...]:
        """Write several files, in the order given."""
        return tuple(self.write(path, data) for path, data in files)

    def _write_local(self, target: Path, data: bytes) -> None:
        temporary = Path(self._base) / TEMPORARY / f"{os.getpid()}-{uuid.uuid4().hex}"
        temporary.parent.mkdir(parents=True, exist_ok=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def delete(self, path: str) -> None:
        """Remove a file; a file that is not there is no error."""
        try:
            self._fs.rm_file(self._full(path))
        except FileNotFoundError:
            return

    def list(self, folder: str) -> list[str]:
        """Sorted paths of all files below `folder`; empty where there is none."""
        self._fs.invalidate_cache()
        full = self._full(folder) if folder else self._base
        found: Iterable[Any] = self._fs.find(full)
        start = len(self._base) + 1
        paths = (str(entry)[start:] for entry in found)
        return sorted(path for path in paths if not path.startswith(f"{TEMPORARY}/"))

    def stamp(self, path: str) -> str:
        """Text that is another one once the file has other content.

        Raises:
            FileNotFoundError: there is no such file.
        """
        full = self._full(path)
        self._fs.invalidate_cache()
        try:
            return _stamp(self._fs.info(full))
        except FileNotFoundError as error:
            raise FileNotFoundError(f"{path} is not in {self.url}") from error

    def stamps(self, folder: str) -> dict[str, str]:
        """Path -> `stamp` of all files below `folder`, from one listing."""
        self._fs.invalidate_cache()
        found = self._fs.find(self._full(folder), detail=True)
        start = len(self._base) + 1
        return {str(path)[start:]: _stamp(info) for path, info in found.items()}

    def sweep(self) -> None:
        """Remove what interrupted writes have left. Only the one driver of a root may call it."""
        if not self.is_local:
            return
        folder = self.local_path / TEMPORARY
        if not folder.is_dir():
            return
        for leftover in folder.iterdir():
            leftover.unlink(missing_ok=True)
        folder.rmdir()


def _stamp(info: Mapping[str, Any]) -> str:
    """Moments as numbers: one file system tells them now in one way and now in the other."""
    found = [info[key] for key in _CHANGING if key in info]
    return " ".join(
        str(value.timestamp() if isinstance(value, datetime) else value) for value in found
    )
