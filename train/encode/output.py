"""The folder that latents are written to, on any fsspec URL.

A file is there whole or not at all: on a disk it is written under another name, flushed and
renamed, and object stores make files visible when they are complete.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import fsspec
from fsspec.implementations.local import LocalFileSystem

from partworks.errors import UsageError

TEMPORARY = ".tmp"


class OutputFolder:
    """Files below a URL.

    Args:
        url: a path or any fsspec URL. Credentials and endpoints come from the environment.

    Raises:
        UsageError: fsspec does not know such a URL.
    """

    def __init__(self, url: str) -> None:
        if "://" not in url:
            url = str(Path(url).expanduser().absolute())
        self.url = url.rstrip("/")
        try:
            self._fs, self._base = fsspec.core.url_to_fs(self.url)
        except (ValueError, ImportError) as error:
            raise UsageError(
                f"--output {url!r} is no location that fsspec knows: {error}"
            ) from error
        # Other ranks write here too.
        self._fs.use_listings_cache = False

    def read(self, name: str) -> bytes | None:
        """The content of a file, None where there is none."""
        try:
            return cast(bytes, self._fs.cat_file(f"{self._base}/{name}"))
        except FileNotFoundError:
            return None

    def size(self, name: str) -> int | None:
        """Bytes of a file, None where there is none."""
        self._fs.invalidate_cache()
        try:
            return int(self._fs.size(f"{self._base}/{name}"))
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes) -> None:
        """Put a file in place, whole or not at all."""
        if not isinstance(self._fs, LocalFileSystem):
            self._fs.pipe_file(f"{self._base}/{name}", data)
            return
        target = Path(self._base) / name
        temporary = Path(self._base) / TEMPORARY / f"{os.getpid()}-{target.name}"
        for folder in (temporary.parent, target.parent):
            folder.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def delete(self, name: str) -> None:
        """Remove a file; one that is not there is no error."""
        with suppress(FileNotFoundError):
            self._fs.rm_file(f"{self._base}/{name}")

    def tidy(self) -> None:
        """Remove what a killed run has left behind."""
        if isinstance(self._fs, LocalFileSystem) and self._fs.exists(f"{self._base}/{TEMPORARY}"):
            self._fs.rm(f"{self._base}/{TEMPORARY}", recursive=True)

    def shards(self) -> Iterator[str]:
        """The names of the tars, sorted."""
        self._fs.invalidate_cache()
        if self._fs.exists(self._base):
            names = (path.rstrip("/").rpartition("/")[2] for path in self._list())
            yield from sorted(name for name in names if name.endswith(".tar"))

    def _list(self) -> list[str]:
        return cast("list[str]", self._fs.ls(self._base, detail=False))
