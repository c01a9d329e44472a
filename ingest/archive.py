"""Open a zip from anywhere: one model with its side files, or a reason why not.

A zip may lie about everything: names that climb out of it, a few bytes that become gigabytes,
entries that overlap. Nothing is ever written to disk, names are checked before anything is read,
and sizes before anything is unpacked.
"""

from __future__ import annotations

import io
import posixpath
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.formats import FORMATS
from partworks.errors import Rejected

REASONS: Mapping[str, str] = {
    "corrupt_archive": "The zip is broken, cut off, or fails its checksums.",
    "encrypted_archive": "The zip is encrypted.",
    "unsupported_archive": "The zip is split, or uses a compression other than deflate.",
    "archive_too_large": "The zip holds too many entries, or expands beyond the limits.",
    "nested_archive": "The zip holds another archive.",
    "ambiguous_archive": "The zip holds several models, and none is the main one.",
    "no_model_in_archive": "The zip holds no model in a format that can be read.",
    "unsafe_path": "The file refers to a path outside its own folder, or to the network.",
}

ARCHIVES = frozenset(("zip", "7z", "rar", "tar", "gz", "tgz", "bz2", "xz", "zst", "jar"))
_DRIVE = re.compile(r"[A-Za-z]:")
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, OverflowError,
    NotImplementedError, RuntimeError,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """How much a zip may hold.

    Attributes:
        max_entries: entries, folders included.
        max_bytes: of all entries, unpacked.
        max_ratio: unpacked to packed, of a zip that unpacks to more than `FREE_BYTES`.
    """

    max_entries: int = 4096
    max_bytes: int = 1 << 30
    max_ratio: float = 200.0


FREE_BYTES = 1 << 24
"""What may be unpacked at any ratio, since a small file of zeros harms nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a zip holds.

    Attributes:
        name: path of the main model in the zip.
        ext: its ending, lower case.
        data: its bytes.
        files: all other files, by POSIX path relative to the model's folder.
    """

    name: str
    ext: str
    data: bytes
    files: Mapping[str, bytes]


def open_archive(data: bytes, limits: ArchiveLimits) -> Opened:
    """Unpack a zip in memory and choose its main model.

    The best format wins, in the order of `FORMATS`; two models of that format are ambiguous.

    Raises:
        Rejected: with a reason of `REASONS`.
    """
    contents = read_members(data, limits)
    main = _main_model(contents)
    folder = posixpath.dirname(main)
    files = {
        posixpath.relpath(name, folder or "."): content
        for name, content in contents.items()
        if name != main and _ending(name) not in FORMATS
    }
    return Opened(name=main, ext=_ending(main), data=contents[main], files=files)


def read_members(data: bytes, limits: ArchiveLimits) -> dict[str, bytes]:
    """Every file of a zip by its POSIX path, unpacked in memory once all were found harmless.

    Raises:
        Rejected: with a reason of `REASONS`.
    """
    _check_directory(data, limits)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = _checked(archive.infolist(), packed=len(data), limits=limits)
            return {name: _read(archive, info) for name, info in entries.items()}
    except _BROKEN as error:
        raise Rejected("corrupt_archive", f"the zip cannot be read: {error}") from error


def _check_directory(data: bytes, limits: ArchiveLimits) -> None:
    """Look at the end record first: the zip module reads all entries before it can be asked."""
    place = data.rfind(b"PK\x05\x06", max(0, len(data) - 66_000))
    if place < 0 or place + 22 > len(data):
        raise Rejected("corrupt_archive", "the zip has no end record; it may have been cut off")
    disk, _, _, entries, size = struct.unpack("<HHHHI", data[place + 4 : place + 16])
    if disk or data[place - 20 : place - 16] == b"PK\x06\x07":
        raise Rejected("unsupported_archive", "the zip is split, or a zip64 of more than 4 GB")
    if entries > limits.max_entries or size > limits.max_entries * 1024:
        raise Rejected(
            "archive_too_large",
            f"the zip lists {entries} entries in {size} bytes, the limit is {limits.max_entries}",
        )


def _checked(
    infos: list[zipfile.ZipInfo], *, packed: int, limits: ArchiveLimits
) -> dict[str, zipfile.ZipInfo]:
    """Files by POSIX path, once every entry has been found harmless."""
    if len(infos) > limits.max_entries:
        raise Rejected(
            "archive_too_large", f"{len(infos)} entries, the limit is {limits.max_entries}"
        )
    total = sum(info.file_size for info in infos)
    if total > limits.max_bytes or total > max(FREE_BYTES, limits.max_ratio * packed):
        raise Rejected(
            "archive_too_large",
            f"{packed} bytes would unpack to {total}; the limits are {limits.max_bytes} bytes "
            f"and {limits.max_ratio:g} times the size of the zip",
        )
    entries: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name = _safe_name(info)
        _check_method(info)
        if info.is_dir() or _is_junk(name):
            continue
        if name in entries:
            raise Rejected("ambiguous_archive", f"{name[:200]!r} is in the zip twice")
        if _ending(name) in ARCHIVES:
            raise Rejected("nested_archive", f"{name[:200]!r} is an archive; unpack it first")
        entries[name] = info
    return entries


def _safe_name(info: zipfile.ZipInfo) -> str:
    # Old Windows tools write backslashes, which the zip format does not allow and all others read.
    name = info.orig_filename.replace("\\", "/")
    bad = (
        name.startswith("/")
        or ".." in name.split("/")
        or "\0" in name
        or _DRIVE.match(name) is not None
        or stat.S_ISLNK(info.external_attr >> 16)
    )
    if bad:
        raise Rejected("unsafe_path", f"entry {name[:200]!r} is a link or leads out of the zip")
    return "/".join(piece for piece in name.split("/") if piece not in ("", "."))


def _check_method(info: zipfile.ZipInfo) -> None:
    if info.flag_bits & 0x1:
        raise Rejected("encrypted_archive", f"{info.filename[:200]!r} is encrypted")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Rejected(
            "unsupported_archive", f"{info.filename[:200]!r} uses method {info.compress_type}"
        )


def _is_junk(name: str) -> bool:
    """What file managers leave behind."""
    pieces = name.split("/")
    return "__MACOSX" in pieces or pieces[-1].startswith(".") or not name


def _main_model(entries: Mapping[str, bytes]) -> str:
    for ext in FORMATS:
        models = [name for name in entries if _ending(name) == ext]
        if len(models) > 1:
            listed = ", ".join(name[:60] for name in models[:4])
            raise Rejected(
                "ambiguous_archive", f"{len(models)} .{ext} files ({listed}); expected one object"
            )
        if models:
            return models[0]
    raise Rejected("no_model_in_archive", f"none of {len(entries)} files is {', '.join(FORMATS)}")


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The entry's bytes; the zip module stops at the size that was checked, and checks the sum."""
    return archive.read(info)


def _ending(name: str) -> str:
    return posixpath.splitext(name)[1][1:].lower()
