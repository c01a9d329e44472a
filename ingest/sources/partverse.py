"""A folder in PartVerse's published layout as a source: objects with their parts and captions.

A record is one object. Its source bytes are all of its files in one stored zip; what is missing is
found out when they are decoded, so that each object says for itself what it lacks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from ingest.partverse.bundle import Bundle
from partworks.errors import Failed, Rejected, UsageError
from partworks.partverse import files
from partworks.partverse.facts import Facts
from partworks.records import UID, SourceRecord

KIND = "partverse"
MAX_BYTES = 1 << 30
"""All files of an object together; more is listed and then rejected."""
MAX_TABLE = 1 << 31
"""Bytes of `text_captions.json` at the most."""
MAX_FACTS = 1 << 24
_FOLDERS = (files.WHOLE_GLBS, files.PART_GLBS, files.ANNOTATIONS)


class PartVerseSource:
    """The objects of a folder, by uid.

    Args:
        root: the folder that holds `normalized_glbs`, `textured_part_glbs` and `anno_infos`.
    """

    duplicates: Mapping[str, str] = {}

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def ignored(self) -> Mapping[str, int]:
        """Entries whose names are no uids."""
        strange = sum(not UID.fullmatch(name) for name in self._names)
        return {"no uid": strange} if strange else {}

    def records(self) -> Iterator[SourceRecord]:
        """One record per object that any of the folders names, without decoding any."""
        captions = self._captions
        for uid in sorted(name for name in self._names if UID.fullmatch(name)):
            origin = self._origin(uid)
            yield SourceRecord(
                uid=uid,
                location=f"{self.root}/{files.whole_glb(uid)}",
                ext="zip",
                name=origin.pop("name", ""),
                categories=tuple(origin.pop("categories", ())),
                tags=tuple(origin.pop("tags", ())),
                source=KIND,
                metadata={
                    "root": str(self.root),
                    "path": files.whole_glb(uid),
                    "captions": captions.get(uid),
                },
                **origin,
            )

    @cached_property
    def _names(self) -> frozenset[str]:
        """What entries are called: the stem of a whole object, or a folder of its parts."""
        found = set()
        for folder in _FOLDERS:
            place = self.root / folder
            for entry in place.iterdir() if place.is_dir() else ():
                if folder != files.WHOLE_GLBS or entry.suffix == ".glb":
                    found.add(entry.stem if folder == files.WHOLE_GLBS else entry.name)
        return frozenset(found)

    @cached_property
    def _captions(self) -> Mapping[str, Any]:
        path = self.root / files.CAPTIONS
        if not path.exists():
            return {}
        try:
            table = json.loads(_read(path, self.root, MAX_TABLE))
        except (OSError, ValueError, RecursionError, Rejected) as error:
            raise UsageError(
                f"--source {KIND}:{self.root}: {files.CAPTIONS} cannot be read: {error}; mend it, "
                "or move it away to import without captions"
            ) from error
        if not isinstance(table, dict):
            raise UsageError(
                f"--source {KIND}:{self.root}: {files.CAPTIONS} is no table of objects; expected "
                "{uid: {part: [brief, detailed]}}"
            )
        return table

    def _origin(self, uid: str) -> dict[str, Any]:
        """Licence, author and the like, where Partworks' own file tells them.

        A broken file is not for the listing to judge: the object is refused when it is decoded.
        """
        try:
            data = _read(self.root / files.facts(uid), self.root, MAX_FACTS)
            return dict(Facts.from_bytes(data).origin)
        except (OSError, ValueError, Rejected):
            return {}


def open_partverse(rest: str) -> PartVerseSource:
    """The source `partverse:DIR`; UsageError where DIR is no folder of that layout."""
    root = Path(rest).expanduser().absolute()
    if not rest or not root.is_dir():
        raise UsageError(f"--source {KIND}:{rest}: there is no such folder")
    if not any((root / folder).is_dir() for folder in _FOLDERS):
        raise UsageError(
            f"--source {KIND}:{rest}: it holds none of {', '.join(_FOLDERS)}; name the folder that "
            "PartVerse's archives were unpacked in"
        )
    return PartVerseSource(root.resolve())


def fetch(record: SourceRecord) -> bytes:
    """All files of one object that there are, in a zip.

    Raises:
        Failed: `fetch_failed`, where one cannot be read.
        Rejected: `unsafe_path`, where one is a link out of the folder; `too_large`.
    """
    root, uid = Path(record.metadata["root"]), record.uid
    captions = record.metadata.get("captions")
    room = MAX_BYTES

    def read(path: str) -> bytes | None:
        nonlocal room
        place = root / path
        if not place.exists() and not place.is_symlink():
            return None
        data = _read(place, root, room)
        room -= len(data)
        return data

    try:
        bundle = Bundle(
            whole=read(files.whole_glb(uid)),
            segmented=read(files.segmented_glb(uid)),
            labels=read(files.face_labels(uid)),
            parts={
                part: data
                for part in _part_numbers(root / files.PART_GLBS / uid)
                if (data := read(files.part_glb(uid, part))) is not None
            },
            captions=None if captions is None else json.dumps(captions).encode(),
            facts=read(files.facts(uid)),
        )
    except OSError as error:
        raise Failed("fetch_failed", f"{record.location} cannot be read: {error}") from error
    return bundle.to_bytes()


def _part_numbers(folder: Path) -> list[int]:
    names = (
        [path.stem for path in folder.iterdir() if path.suffix == ".glb"] if folder.is_dir() else []
    )
    good = (name for name in names if name.isascii() and name.isdigit() and len(name) < 10)
    return sorted({int(name) for name in good if str(int(name)) == name})


def _read(path: Path, root: Path, most: int) -> bytes:
    """A file's bytes; Rejected if it is a link out of `root`, or longer than `most`."""
    try:
        inside = path.resolve(strict=True).is_relative_to(root)
    except RuntimeError:  # a link to itself
        inside = False
    if not inside:
        raise Rejected("unsafe_path", f"{path} is a link that leaves the folder")
    if path.stat().st_size > most:
        raise Rejected("too_large", f"{path} has {path.stat().st_size} bytes, {most} are left")
    return path.read_bytes()
