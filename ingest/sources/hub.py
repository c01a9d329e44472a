"""The published metadata of a data set, kept in the cache that the `objaverse` package also uses.

The package writes these files in place and trusts them for ever: a run that is stopped leaves half
a file, and every later one fails on it. Here a file is fetched beside its place and renamed into
it, and one that cannot be read is fetched again, once.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import pyarrow as pa

from ingest.fetch.client import fetch_url
from ingest.fetch.config import FetchConfig
from partworks.errors import Failed, Rejected, UsageError

T = TypeVar("T")

METADATA_FETCH = FetchConfig(deadline_s=1800.0, attempts=8)
"""More patience than for an object: without its list, no object comes at all."""
MAX_METADATA = 4 << 30
_BROKEN = (EOFError, OSError, zlib.error, ValueError, RecursionError, pa.ArrowException)


def cache_folder() -> Path:
    """Where the `objaverse` package keeps its files: `~/.objaverse`."""
    return Path("~/.objaverse").expanduser()


def dataset_url(dataset: str, path: str) -> str:
    """The address of a file of a data set on the hub, or on the mirror that `HF_ENDPOINT` names."""
    base = os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"
    return f"{base}/datasets/{dataset}/resolve/main/{quote(path)}"


def cached(path: Path, url: str, read: Callable[[Path], T]) -> T:
    """What `read` makes of a metadata file, which is fetched if it is missing or broken.

    Raises:
        UsageError: it cannot be fetched, or is broken also when it has just come.
    """
    if path.exists():
        try:
            return read(path)
        except _BROKEN:
            path.unlink(missing_ok=True)
    _fetch_into(path, url)
    try:
        return read(path)
    except _BROKEN as error:
        path.unlink(missing_ok=True)
        raise UsageError(f"{url} came, but cannot be read: {error}; try again later") from error


def read_json_gz(path: Path) -> Any:
    """The value of a gzipped JSON file."""
    with gzip.open(path, "rb") as stream:
        return json.load(stream)


def _fetch_into(path: Path, url: str) -> None:
    try:
        data = fetch_url(url, config=METADATA_FETCH, most=MAX_METADATA)
    except (Failed, Rejected) as error:
        raise UsageError(
            f"the list of objects cannot be fetched: {error.message}. What has come is kept; "
            "run again, or put the file at " + str(path)
        ) from error
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
