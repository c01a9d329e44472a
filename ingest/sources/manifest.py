"""A table of assets as a source: a CSV or Parquet file that says what there is and where.

A row has `url` or `path`, and may have `uid`, `sha256`, `size`, `ext`, `name`, `licence`,
`attribution`, `creator`, `creator_url`, `link`, `categories` and `tags` (with `;` between). Columns
of other names are the user's own and are left alone, unless they look like one of ours misspelt.
"""

from __future__ import annotations

import csv
import difflib
import hashlib
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.fetch.client import fetch_url
from ingest.fetch.config import FetchConfig
from ingest.licences import normalise_licence
from ingest.sources.bundle import pack
from ingest.sources.identity import uid_of
from ingest.sources.kept import is_right
from ingest.sources.references import side_files
from partworks.errors import Failed, Rejected, UsageError
from partworks.records import UID, SourceRecord

COLUMNS = (
    "uid", "url", "path", "sha256", "size", "ext", "name", "licence", "attribution", "creator",
    "creator_url", "link", "categories", "tags",
)  # fmt: skip
_OTHER_SPELLINGS = {"license": "licence", "category": "categories"}
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_EXT = re.compile(r"[a-z0-9]{1,12}")
_WITH_SIDES = frozenset(("gltf", "glb", "obj"))

Row = Mapping[str, str]


class ManifestSource:
    """The rows of a manifest, in their order; they are read as they are asked for.

    Args:
        path: a .csv or .parquet file; `path` columns are relative to its folder and may not lead
            out of it.
    """

    duplicates: Mapping[str, str] = {}
    ignored: Mapping[str, int] = {}

    def __init__(self, path: Path) -> None:
        self.path = path

    def records(self) -> Iterator[SourceRecord]:
        """One record per row.

        Raises:
            UsageError: a row or column that makes no sense, by number and name.
        """
        seen: dict[str, int] = {}
        for number, row in _rows(self.path):
            record = self._record(number, row)
            if record.uid in seen:
                raise self._error(
                    number, "uid", f"{record.uid!r} is that of row {seen[record.uid]} too"
                )
            seen[record.uid] = number
            yield record

    def _record(self, number: int, row: Row) -> SourceRecord:
        url, path = row.get("url", ""), row.get("path", "")
        if bool(url) == bool(path):
            column = "url" if url else "path"
            raise self._error(number, column, "expected either a url or a path, and not both")
        sides = False
        if url:
            self._check(number, "url", url, fine=_is_address(url), expected="http(s)://…")
        else:
            sides = bool(self._sides(number, path))
        sha256 = row.get("sha256", "").lower()
        self._check(number, "sha256", sha256, fine=not sha256 or bool(_SHA256.fullmatch(sha256)),
                    expected="64 hexadecimal digits")  # fmt: skip
        ext = (row.get("ext") or _ending(urlsplit(url).path if url else path)).lower().lstrip(".")
        self._check(number, "ext", ext, fine=bool(_EXT.fullmatch(ext)), expected="such as glb")
        return SourceRecord(
            uid=self._uid(number, row, sha256=sha256, place=url or path),
            location=url or str(self.path.parent / path),
            # The sum and size are the model's; packed with its side files it has others.
            ext="zip" if sides else ext,
            sha256="" if sides else sha256,
            size=0 if sides else self._size(number, row),
            source="manifest",
            metadata={
                "path": url or path,
                "folder": "" if url else str(self.path.parent),
                "sha256": sha256,
                "states_licence": "licence" in row,
            },
            **self._words(number, row, place=url or path),
        )

    def _words(self, number: int, row: Row, *, place: str) -> dict[str, Any]:
        for column in ("creator_url", "link"):
            address = row.get(column, "")
            self._check(number, column, address, fine=not address or _is_address(address),
                        expected="http(s)://…")  # fmt: skip
        return {
            "name": row.get("name") or PurePosixPath(unquote(urlsplit(place).path)).stem,
            "licence": normalise_licence(row.get("licence")),
            "attribution": row.get("attribution", "") or row.get("creator", ""),
            "creator": row.get("creator", ""),
            "creator_url": row.get("creator_url", ""),
            "link": row.get("link", ""),
            "categories": _pieces(row.get("categories", "")),
            "tags": _pieces(row.get("tags", "")),
        }

    def _uid(self, number: int, row: Row, *, sha256: str, place: str) -> str:
        """The one given, else the sum's, else one made of where the file lies."""
        uid = row.get("uid", "")
        if uid:
            self._check(number, "uid", uid, fine=bool(UID.fullmatch(uid)),
                        expected="1 to 64 letters, digits, - and _")  # fmt: skip
            return uid
        return uid_of(sha256 or hashlib.sha256(f"manifest\0{place}".encode()).hexdigest())

    def _size(self, number: int, row: Row) -> int:
        text = row.get("size", "")
        self._check(number, "size", text, fine=not text or text.isdecimal(),
                    expected="a number of bytes")  # fmt: skip
        return int(text or 0)

    def _sides(self, number: int, path: str) -> Mapping[str, Path]:
        """The model's side files, once its path has been found to stay in the folder."""
        folder = self.path.parent
        try:
            target = (folder / path).resolve()
            inside = target.is_relative_to(folder.resolve()) and not Path(path).is_absolute()
            there = target.is_file()
        except (OSError, ValueError, RuntimeError):
            inside = there = False
        self._check(number, "path", path, fine=inside and "\\" not in path,
                    expected="a relative path that stays in the manifest's folder")  # fmt: skip
        if not there or _ending(path).lower() not in _WITH_SIDES:
            return {}
        return side_files(folder / path, folder.resolve())

    def _check(self, number: int, column: str, value: str, *, fine: bool, expected: str) -> None:
        if not fine:
            raise self._error(number, column, f"{value[:120]!r} found, expected {expected}")

    def _error(self, number: int, column: str, what: str) -> UsageError:
        return UsageError(f"{self.path.name}, row {number}, column {column}: {what}")


def open_manifest(rest: str) -> ManifestSource:
    """The source `manifest:FILE`; raises UsageError if there is no such file."""
    path = Path(rest).expanduser()
    if not rest or not path.is_file() or path.suffix.lower() not in (".csv", ".parquet"):
        raise UsageError(
            f"--source manifest:{rest}: {rest!r} is no file; expected manifest:FILE with a .csv or "
            ".parquet file"
        )
    return ManifestSource(path.absolute())


def fetch(record: SourceRecord, config: FetchConfig, *, most: int) -> bytes:
    """The file of a row, from the network or from beside the manifest.

    Raises:
        Failed: `fetch_failed` or `fetch_wrong_hash` for a file, or see `fetch_url`.
        Rejected: `fetch_too_large`.
    """
    folder = record.metadata["folder"]
    if not folder:
        return fetch_url(
            record.location, config=config, most=most,
            sha256=record.sha256, size=record.size, seed=record.uid,
        )  # fmt: skip
    path = Path(record.location)
    try:
        if not path.resolve().is_relative_to(Path(folder).resolve()):
            raise Failed("fetch_failed", f"{record.metadata['path']} leads out of its folder now")
        sides = side_files(path, Path(folder).resolve()) if record.ext == "zip" else {}
        size = sum(file.stat().st_size for file in (path, *sides.values()))
        if size > most:
            raise Rejected("fetch_too_large", f"{path.name} has {size} bytes, the limit is {most}")
        data = path.read_bytes()
        members = {name: side.read_bytes() for name, side in sides.items()}
    except OSError as error:
        raise Failed("fetch_failed", f"{record.location} cannot be read: {error}") from error
    _check_sum(record, data)
    return pack({path.name: data, **members}) if members else data


def _check_sum(record: SourceRecord, data: bytes) -> None:
    expected = record.metadata["sha256"]
    found = hashlib.sha256(data).hexdigest()
    if (expected and found != expected) or not (record.ext == "zip" or is_right(record, data)):
        raise Failed(
            "fetch_wrong_hash",
            f"{record.metadata['path']} has {len(data)} bytes with SHA-256 {found}, the manifest "
            f"says {f'{record.size} bytes, ' if record.size else ''}{expected or 'no sum'}",
        )


def _rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Row number from 1 and its cells as text, under our names; the head is no row."""
    reader = _csv_rows if path.suffix.lower() == ".csv" else _parquet_rows
    try:
        yield from enumerate(reader(path), 1)
    except (OSError, UnicodeDecodeError, csv.Error, pa.ArrowException) as error:
        raise UsageError(f"{path.name} cannot be read: {error}") from error


def _csv_rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        names = _columns(path, next(reader, []))
        for number, cells in enumerate(reader, 1):
            if not cells:
                continue
            if len(cells) != len(names):
                raise UsageError(
                    f"{path.name}, row {number}: {len(cells)} cells, the head has {len(names)}"
                )
            yield {name: cell.strip() for name, cell in zip(names, cells, strict=True) if name}


def _parquet_rows(path: Path) -> Iterator[Row]:
    with pq.ParquetFile(path) as file:
        names = _columns(path, file.schema_arrow.names)
        for batch in file.iter_batches(batch_size=4096):
            for cells in batch.to_pylist():
                values = zip(names, cells.values(), strict=True)
                yield {name: _text(value) for name, value in values if name}


def _columns(path: Path, found: Iterable[str]) -> list[str]:
    """Our name of each column, or nothing; UsageError for a head that makes no sense."""
    names = []
    for column in found:
        folded = column.strip().casefold()
        name = _OTHER_SPELLINGS.get(folded, folded)
        if name not in COLUMNS:
            # A misspelt sum would be a sum that is never checked.
            near = difflib.get_close_matches(re.sub(r"[^a-z0-9]", "", name), COLUMNS, 1, 0.85)
            if near:
                raise UsageError(f"{path.name}, column {column!r}: did you mean {near[0]!r}?")
            name = ""
        if name and name in names:
            raise UsageError(f"{path.name}, column {column!r}: {name} is there twice")
        names.append(name)
    if "url" not in names and "path" not in names:
        raise UsageError(
            f"{path.name} has the columns {', '.join(found) or 'none'}; expected url or path, and "
            f"any of {', '.join(COLUMNS)}"
        )
    return names


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ";".join(str(entry) for entry in value)
    return str(value).strip()


def _pieces(text: str) -> tuple[str, ...]:
    return tuple(sorted({sys.intern(piece.strip()) for piece in text.split(";") if piece.strip()}))


def _ending(path: str) -> str:
    return PurePosixPath(unquote(path)).suffix[1:]


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text
    except ValueError:
        return False
