"""Objaverse 1.0 (Deitke et al. 2023): 800,000 GLBs from Sketchfab, with what Sketchfab says.

The metadata is what the `objaverse` package reads, in the same cache; the bytes are fetched by our
own client, because the package's first HTTP error ends a whole pull, it knows no timeout, retry or
checksum, and it lists its folder anew after each file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from ingest.fetch.client import fetch_url
from ingest.fetch.config import FetchConfig
from ingest.licences import normalise_licence
from ingest.sources.hub import cache_folder, cached, dataset_url, read_json_gz
from ingest.sources.kept import is_right
from ingest.sources.selection import Selection, closest, parse_selection
from partworks.errors import UsageError
from partworks.records import UID, SourceRecord

DATASET = "allenai/objaverse"
FOLDER = "hf-objaverse-v1"


class ObjaverseSource:
    """The objects of Objaverse that a selection asks for, in the order of their metadata files.

    One metadata file at a time is held, of about 160 with 5,000 objects each; those that cannot
    hold a chosen object are not even fetched.

    Args:
        selection: with the word `lvis`, LVIS categories.
    """

    duplicates: Mapping[str, str] = {}

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._unknown = 0

    @property
    def ignored(self) -> Mapping[str, int]:
        """How many of the given ids Objaverse does not know; after `records`."""
        return {"unknown id": self._unknown} if self._unknown else {}

    def records(self) -> Iterator[SourceRecord]:
        """One record per chosen object."""
        yield from self._selection.draw(self._all())

    def _all(self) -> Iterator[SourceRecord]:
        paths = object_paths()
        chosen = self._chosen(paths)
        folders = {
            folder_of(path) for uid, path in paths.items() if chosen is None or uid in chosen
        }
        for folder in sorted(folders):
            annotations = metadata(folder)
            for uid in sorted(annotations):
                if uid in paths and (chosen is None or uid in chosen) and UID.fullmatch(uid):
                    record = self._record(uid, annotations[uid], paths[uid])
                    if record is not None:
                        yield record

    def _chosen(self, paths: Mapping[str, str]) -> frozenset[str] | None:
        """The uids that are named, directly or by an LVIS category; None if there are no such."""
        named = self._selection.ids
        if named is not None:
            # Lists often come with the ending of the files.
            named = frozenset(uid.removesuffix(".glb") for uid in named)
            self._unknown = len(named - paths.keys())
        wanted = self._selection.words.get("lvis")
        if wanted is None:
            return named
        listed = lvis_annotations()
        for category in wanted:
            if category not in listed:
                raise UsageError(
                    f"--source objaverse: {category!r} is no LVIS category"
                    f"{closest(category, listed)}"
                )
        uids = frozenset(uid for category in wanted for uid in listed[category])
        return uids if named is None else uids & named

    @cached_property
    def _lvis(self) -> Mapping[str, list[str]]:
        """uid -> LVIS categories."""
        found: dict[str, list[str]] = {}
        for category, uids in lvis_annotations().items():
            for uid in uids:
                found.setdefault(uid, []).append(sys.intern(category))
        return found

    def _record(self, uid: str, annotation: Mapping[str, Any], path: str) -> SourceRecord | None:
        """The record, or None if the selection does not ask for it."""
        licence = normalise_licence(_word(annotation.get("license")))
        tags = _names(annotation.get("tags"))
        categories = _names(annotation.get("categories"))
        categories = tuple(sorted({*categories, *self._lvis.get(uid, ())}))
        faces = annotation.get("faceCount")
        wanted = (
            self._selection.takes_licence(licence)
            and self._selection.takes_words(tags, categories)
            and self._selection.takes_faces(faces if isinstance(faces, int) else None)
        )
        if not wanted:
            return None
        name = _text(annotation.get("name"))
        creator = _creator(annotation.get("user"))
        creator_url = _address(annotation.get("user"), "profileUrl")
        link = _address(annotation, "viewerUrl") or f"https://sketchfab.com/3d-models/{uid}"
        return SourceRecord(
            uid=uid,
            location=dataset_url(DATASET, path),
            ext="glb",
            name=name,
            licence=licence,
            attribution=attribution(
                name=name, creator=creator, creator_url=creator_url, link=link, licence=licence
            ),
            source="objaverse",
            creator=creator,
            creator_url=creator_url,
            link=link,
            categories=categories,
            tags=tags,
            # Where it lies on the hub, since the address may be that of a mirror.
            metadata={"path": path},
        )


def open_objaverse(rest: str) -> ObjaverseSource:
    """The source `objaverse:…`; raises UsageError for words that it does not know."""
    return ObjaverseSource(parse_selection("objaverse", rest, keys=("lvis",), described=True))


def fetch(record: SourceRecord, config: FetchConfig, *, most: int) -> bytes:
    """The GLB, from the package's cache if it lies there, else from the hub.

    Raises:
        Failed, Rejected: see `fetch_url`.
    """
    cached_bytes = _from_cache(record, most)
    if cached_bytes is not None:
        return cached_bytes
    return fetch_url(
        record.location,
        config=config,
        most=most,
        sha256=record.sha256,
        size=record.size,
        seed=record.uid,
    )


def object_paths() -> Mapping[str, str]:
    """uid -> path in the data set, `glbs/000-NNN/UID.glb`."""
    name = "object-paths.json.gz"
    table: Mapping[str, str] = _table(cache_folder() / FOLDER / name, dataset_url(DATASET, name))
    return table


def metadata(folder: str) -> Mapping[str, Any]:
    """uid -> Sketchfab's annotation, of the objects in one folder `000-NNN`."""
    name = f"metadata/{folder}.json.gz"
    table: Mapping[str, Any] = _table(cache_folder() / FOLDER / name, dataset_url(DATASET, name))
    return table


def lvis_annotations() -> Mapping[str, list[str]]:
    """LVIS category -> uids."""
    name = "lvis-annotations.json.gz"
    table: Mapping[str, list[str]] = _table(
        cache_folder() / FOLDER / name, dataset_url(DATASET, name)
    )
    return table


def folder_of(path: str) -> str:
    """`000-NNN` of `glbs/000-NNN/UID.glb`."""
    pieces = path.split("/")
    if len(pieces) != 3 or ".." in pieces:
        raise UsageError(f"object-paths.json.gz has the path {path[:100]!r}; fetch it again")
    return pieces[1]


def attribution(*, name: str, creator: str, creator_url: str, link: str, licence: str) -> str:
    """Title, author, source and licence in one line, as Creative Commons recommends."""
    author = f" by {creator}" + (f" ({creator_url})" if creator_url else "") if creator else ""
    title = f'"{name}"' if name else "Untitled"
    return f"{title}{f' ({link})' if link else ''}{author}, {licence}"


def _table(path: Path, url: str) -> Any:
    def read(path: Path) -> Mapping[str, Any]:
        table = read_json_gz(path)
        if not isinstance(table, dict):
            raise ValueError(f"{path.name} holds no table")
        return table

    return cached(path, url, read)


def _from_cache(record: SourceRecord, most: int) -> bytes | None:
    """The GLB that the package has fetched before, if it is whole and the one that is meant."""
    pieces = record.metadata["path"].split("/")
    if len(pieces) != 3 or ".." in pieces:
        return None
    path = cache_folder() / FOLDER / record.metadata["path"]
    try:
        if not 12 <= path.stat().st_size <= most:
            return None
        data = path.read_bytes()
    except OSError:
        return None
    return data if is_right(record, data) else None


def _text(value: object) -> str:
    return " ".join(value.split())[:300] if isinstance(value, str) else ""


def _word(value: object) -> str:
    """A licence as a string, or as Sketchfab's own record of it."""
    if isinstance(value, Mapping):
        value = value.get("slug") or value.get("label")
    return _text(value)


def _creator(user: object) -> str:
    if not isinstance(user, Mapping):
        return ""
    return _text(user.get("displayName")) or _text(user.get("username"))


def _address(table: object, key: str) -> str:
    """An http address of a record; it ends up in links, so nothing else will do."""
    value = _text(table.get(key)) if isinstance(table, Mapping) else ""
    return value if value.startswith(("https://", "http://")) and " " not in value else ""


def _names(entries: object) -> tuple[str, ...]:
    """The names of tags or categories, sorted; shared, as there are few different ones."""
    listed: Iterable[object] = entries if isinstance(entries, list) else ()
    names = (
        _text(entry.get("name") or entry.get("slug"))
        if isinstance(entry, Mapping)
        else _text(entry)
        for entry in listed
    )
    return tuple(sorted({sys.intern(name) for name in names if name}))
