"""Objaverse-XL (Deitke et al. 2023): ten million files of GitHub, Sketchfab, museums, Thingiverse.

The lists are the Parquet files that `objaverse.xl` reads, in the same cache. Files that lie at an
address of their own are fetched by our own client and checked against the listed SHA-256; those in
GitHub repositories are cloned through the package, see `ingest.sources.repository`. Sketchfab's are
the objects of Objaverse 1.0, and come with all that is known of them there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.fetch.client import fetch_url
from ingest.fetch.config import FetchConfig
from ingest.licences import normalise_licence
from ingest.sources import objaverse, repository
from ingest.sources.hub import cache_folder, cached, dataset_url
from ingest.sources.identity import uid_of
from ingest.sources.objaverse import ObjaverseSource, attribution
from ingest.sources.selection import Selection, parse_selection
from partworks.errors import Failed, UsageError
from partworks.records import SourceRecord

DATASET = "allenai/objaverse-xl"
PLACES = ("github", "sketchfab", "smithsonian", "thingiverse")
BY_DEFAULT = ("github", "sketchfab", "smithsonian")
"""Thingiverse asks not to be pulled from, so it is only asked when it is named."""
ALIGNED = ("github", "sketchfab")
_COLUMNS = ("fileIdentifier", "license", "fileType", "sha256", "metadata")
_SHA256 = re.compile(r"[0-9a-f]{64}")

Row = Mapping[str, Any]


class ObjaverseXLSource:
    """The files of Objaverse-XL that a selection asks for, place by place.

    The same bytes at several places are one object, the first that is listed. Lists are read a
    batch at a time; what stays in memory is a digest of each object that has been listed.

    Args:
        selection: with the words `source` (places), `type` (file types) and `alignment=yes` (only
            the files that the paper's authors chose for fine-tuning).
    """

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        words = selection.words
        self._places = _known(words.get("source", BY_DEFAULT), PLACES, "source")
        self._types = frozenset(word.casefold() for word in words.get("type", ()))
        self._aligned = _known(words.get("alignment", ("no",)), ("yes", "no"), "alignment")[0]
        self._seen: set[bytes] = set()
        self._twice = 0
        self._broken = 0

    @property
    def duplicates(self) -> Mapping[str, str]:
        """None by name: there may be millions."""
        return {}

    @property
    def ignored(self) -> Mapping[str, int]:
        """Rows with the bytes of an earlier one, and rows that make no sense; after `records`."""
        found = {"duplicate": self._twice, "broken row": self._broken}
        return {name: count for name, count in found.items() if count}

    def records(self) -> Iterator[SourceRecord]:
        """One record per chosen object."""
        self._seen, self._twice, self._broken = set(), 0, 0
        yield from self._selection.draw(self._all())

    def _all(self) -> Iterator[SourceRecord]:
        for place in self._places:
            if self._aligned == "yes" and place not in ALIGNED:
                continue
            rows = self._rows(place)
            yield from self._sketchfab(rows) if place == "sketchfab" else self._files(place, rows)

    def _rows(self, place: str) -> Iterator[Row]:
        """The rows of a list that are asked for and that make sense."""
        for row in read_list(place, aligned=self._aligned == "yes"):
            identifier, sha256 = row["fileIdentifier"], row["sha256"]
            if not isinstance(identifier, str) or not _SHA256.fullmatch(str(sha256)):
                self._broken += 1
                continue
            ids = self._selection.ids
            names = {identifier, sha256, identifier.rstrip("/").split("/")[-1]}
            named = ids is None or not ids.isdisjoint(names)
            kind = str(row["fileType"] or "").casefold().lstrip(".")
            if named and (not self._types or kind in self._types):
                yield {**row, "fileType": kind}

    def _is_new(self, sha256: str) -> bool:
        digest = bytes.fromhex(sha256)[:16]
        new = digest not in self._seen
        self._seen.add(digest)
        self._twice += not new
        return new

    def _files(self, place: str, rows: Iterator[Row]) -> Iterator[SourceRecord]:
        for row in rows:
            licence = normalise_licence(row["license"])
            if not self._selection.takes_licence(licence):
                continue
            record = _RECORDS[place](row, licence)
            if record is None:
                self._broken += 1
            elif self._is_new(row["sha256"]):
                yield record

    def _sketchfab(self, rows: Iterator[Row]) -> Iterator[SourceRecord]:
        sums = {row["fileIdentifier"].rstrip("/").split("/")[-1]: row["sha256"] for row in rows}
        chosen = Selection(ids=frozenset(sums), licences=self._selection.licences)
        for record in ObjaverseSource(chosen).records() if sums else ():
            if self._is_new(sums[record.uid]):
                yield replace(record, source="objaverse-xl", sha256=sums[record.uid])


def open_objaverse_xl(rest: str) -> ObjaverseXLSource:
    """The source `objaverse-xl:…`; raises UsageError for words that it does not know."""
    keys = ("source", "type", "alignment")
    return ObjaverseXLSource(parse_selection("objaverse-xl", rest, keys=keys, described=False))


def fetch(record: SourceRecord, config: FetchConfig, *, most: int) -> bytes:
    """The file, from wherever its place keeps it.

    Raises:
        Failed, Rejected: see `fetch_url`.
    """
    place = record.metadata.get("place", "sketchfab")
    if place == "sketchfab":
        return objaverse.fetch(record, config, most=most)
    if place == "github":
        return repository.fetch(record, config, most=most)
    if place not in PLACES:
        raise Failed("fetch_failed", f"{record.location} lies at {place!r}, expected {PLACES}")
    return fetch_url(
        record.location, config=config, most=most, sha256=record.sha256, seed=record.uid
    )


def read_list(place: str, *, aligned: bool) -> Iterator[Row]:
    """The rows of a place's list, as the package publishes it; absent columns are None."""
    name = f"{place}/{'alignment' if aligned else place}.parquet"
    path = cache_folder() / name
    file = cached(path, dataset_url(DATASET, name), _open_parquet)
    with file:
        columns = [column for column in _COLUMNS if column in file.schema_arrow.names]
        for batch in file.iter_batches(batch_size=8192, columns=columns):
            for row in batch.to_pylist():
                yield {column: row.get(column) for column in _COLUMNS}


def _open_parquet(path: Path) -> pq.ParquetFile:
    file = pq.ParquetFile(path)
    missing = {"fileIdentifier", "sha256"} - set(file.schema_arrow.names)
    if missing:
        raise pa.ArrowInvalid(f"{path.name} has no column {' or '.join(sorted(missing))}")
    return file


def _known(words: tuple[str, ...], known: tuple[str, ...], key: str) -> tuple[str, ...]:
    for word in words:
        if word not in known:
            raise UsageError(f"--source objaverse-xl: {key}={word!r}, expected {', '.join(known)}")
    return words


def _github(row: Row, licence: str) -> SourceRecord | None:
    """`https://github.com/ORG/REPO/blob/COMMIT/PATH`."""
    identifier = row["fileIdentifier"]
    pieces = identifier.split("/")
    if not identifier.startswith("https://github.com/") or len(pieces) < 8 or ".." in pieces:
        return None
    owner = f"https://github.com/{pieces[3]}"
    packed = row["fileType"] in repository.PACKED
    return _record(
        row,
        licence,
        place="github",
        creator=pieces[3],
        creator_url=owner,
        name=PurePosixPath(unquote(pieces[-1])).stem,
        # The sum is the model's; a model that is packed with its side files has another.
        sha256="" if packed else row["sha256"],
        ext="zip" if packed else row["fileType"],
    )


def _smithsonian(row: Row, licence: str) -> SourceRecord | None:
    """The identifier is the address."""
    parts = urlsplit(row["fileIdentifier"])
    if parts.scheme != "https":
        return None
    return _record(
        row, licence, place="smithsonian", creator="Smithsonian Institution", creator_url="",
        name=PurePosixPath(unquote(parts.path)).stem, ext=row["fileType"] or "glb",
    )  # fmt: skip


def _thingiverse(row: Row, licence: str) -> SourceRecord | None:
    """`https://www.thingiverse.com/thing:THING/files?fileId=FILE`, in one spelling or another."""
    identifier = row["fileIdentifier"]
    number = (parse_qs(urlsplit(identifier).query).get("fileId") or [""])[0]
    number = number or identifier.split("fileId=")[-1]
    if not re.fullmatch(r"[0-9]{1,12}", number):
        return None
    record = _record(
        row, licence, place="thingiverse", creator="", creator_url="",
        name=f"thingiverse {number}", ext=row["fileType"] or "stl",
    )  # fmt: skip
    address = f"https://www.thingiverse.com/download:{number}"
    return None if record is None else replace(record, location=address)


_RECORDS: Mapping[str, Callable[[Row, str], SourceRecord | None]] = {
    "github": _github,
    "smithsonian": _smithsonian,
    "thingiverse": _thingiverse,
}


def _record(
    row: Row,
    licence: str,
    *,
    place: str,
    name: str,
    creator: str,
    creator_url: str,
    ext: str,
    sha256: str | None = None,
) -> SourceRecord | None:
    if not re.fullmatch(r"[a-z0-9]{1,12}", ext):
        return None
    link = row["fileIdentifier"]
    title = _title(row["metadata"]) or name
    return SourceRecord(
        uid=uid_of(row["sha256"]),
        location=link,
        ext=ext,
        name=title,
        licence=licence,
        attribution=attribution(
            name=title, creator=creator, creator_url=creator_url, link=link, licence=licence
        ),
        source="objaverse-xl",
        creator=creator,
        creator_url=creator_url,
        link=link,
        sha256=row["sha256"] if sha256 is None else sha256,
        metadata={"place": place, "sha256": row["sha256"]},
    )


def _title(text: object) -> str:
    """The name that the row's metadata give, if they do."""
    try:
        table = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return ""
    value = (table.get("name") or table.get("title")) if isinstance(table, Mapping) else None
    return " ".join(value.split())[:300] if isinstance(value, str) else ""
