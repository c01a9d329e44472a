"""A folder of 3D files, at any depth, as a source."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from ingest.formats import FORMATS
from ingest.sources.bundle import pack
from ingest.sources.identity import check_content, content_uid, uid_of
from ingest.sources.references import side_files
from partworks.errors import Failed, Rejected, UsageError
from partworks.records import SourceRecord

ENDINGS = frozenset((*FORMATS, "zip"))
MAX_BYTES = 1 << 30
"""A source file, or a model with its side files, above this is listed and then rejected."""


@dataclass(slots=True)
class _Listing:
    records: list[SourceRecord] = field(default_factory=list)
    duplicates: dict[str, str] = field(default_factory=dict)
    ignored: dict[str, int] = field(default_factory=dict)


class FolderSource:
    """The 3D files of a folder, sorted by path, equal files counted once.

    Files and folders whose names begin with a dot are passed over. A link to a file counts as that
    file if it stays inside the folder; links to folders are not followed, since they may form a
    circle. Both kinds of links left aside are counted as `link`.

    Args:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def records(self) -> Iterator[SourceRecord]:
        """One record per distinct asset; every file is read, to know it by its content."""
        yield from self._listing.records

    @property
    def duplicates(self) -> Mapping[str, str]:
        """Path below the folder -> uid, of files whose bytes a file before them has."""
        return self._listing.duplicates

    @property
    def ignored(self) -> Mapping[str, int]:
        """Ending -> number of files that are neither assets nor side files of one."""
        return self._listing.ignored

    @cached_property
    def _listing(self) -> _Listing:
        listing = _Listing()
        paths, links = _walk(self.root)
        used: set[Path] = set()
        seen: set[str] = set()
        for path in paths:
            if _ending(path) not in ENDINGS:
                continue
            record, sides = self._record(path)
            used.update(sides)
            if record.uid in seen:
                listing.duplicates[record.metadata["path"]] = record.uid
                continue
            seen.add(record.uid)
            listing.records.append(record)
        left = [path for path in paths if _ending(path) not in ENDINGS and path not in used]
        counts = Counter(_ending(path) or "no ending" for path in left)
        listing.ignored = dict(sorted((counts + Counter({"link": links})).items()))
        return listing

    def _record(self, path: Path) -> tuple[SourceRecord, list[Path]]:
        relative = path.relative_to(self.root).as_posix()
        try:
            sides = side_files(path, self.root)
            uid = content_uid(_packed(path, sides)) if _packable(path, sides) else _digest(path)
        except OSError:
            # It stays in the list, so that fetching it fails where everybody can see it.
            sides, uid = {}, content_uid(b"unreadable\0" + os.fsencode(relative))
        record = SourceRecord(
            uid=uid,
            location=str(path),
            ext="zip" if _packable(path, sides) else _ending(path),
            name=_printable(path.stem),
            source="folder",
            metadata={"root": str(self.root), "path": _printable(relative)},
        )
        return record, list(sides.values())


def open_folder(rest: str) -> FolderSource:
    """The source `folder:DIR`; raises UsageError if there is no such folder."""
    root = Path(rest).expanduser()
    if not rest or not root.is_dir():
        raise UsageError(f"--source folder:{rest}: {rest!r} is not a folder; expected folder:DIR")
    return FolderSource(root.resolve())


def fetch(record: SourceRecord) -> bytes:
    """The file, or a zip of it with its side files.

    Raises:
        Failed: `fetch_failed`, when it cannot be read or has changed.
        Rejected: `too_large`.
    """
    path = Path(record.location)
    try:
        sides = side_files(path, Path(record.metadata["root"]))
        size = sum(file.stat().st_size for file in (path, *sides.values()))
        if size > MAX_BYTES:
            raise Rejected("too_large", f"{path.name} has {size} bytes, the limit is {MAX_BYTES}")
        data = _packed(path, sides) if sides else path.read_bytes()
    except OSError as error:
        raise Failed("fetch_failed", f"{record.location} cannot be read: {error}") from error
    return check_content(record, data)


def _walk(root: Path) -> tuple[list[Path], int]:
    """Every file, sorted by path below the root, and how many links were left aside."""
    files: list[Path] = []
    links = 0
    for folder, folders, names in os.walk(root):
        visible = [name for name in folders if not name.startswith(".")]
        followed = [name for name in visible if not Path(folder, name).is_symlink()]
        links += len(visible) - len(followed)
        folders[:] = followed
        for name in names:
            path = Path(folder, name)
            if name.startswith("."):
                continue
            if path.is_symlink() and not _stays_inside(path, root):
                links += 1
            elif path.is_file():
                files.append(path)
    return sorted(files, key=lambda path: path.relative_to(root).as_posix()), links


def _stays_inside(link: Path, root: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):  # a link to nothing, or to itself
        return False


def _ending(path: Path) -> str:
    return _printable(path.suffix[1:].lower())


def _packable(path: Path, sides: Mapping[str, Path]) -> bool:
    """Whether there is something to pack, and little enough of it to do so in memory."""
    return bool(sides) and sum(file.stat().st_size for file in (path, *sides.values())) <= MAX_BYTES


def _packed(path: Path, sides: Mapping[str, Path]) -> bytes:
    members = {name: side.read_bytes() for name, side in sides.items()}
    return pack({path.name: path.read_bytes(), **members})


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return uid_of(hashlib.file_digest(stream, "sha256").hexdigest())


def _printable(text: str) -> str:
    """A name as text that any encoder takes, whatever bytes the file system has for it."""
    return os.fsencode(text).decode("utf-8", "replace")
