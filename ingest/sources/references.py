"""Which side files a model refers to: a light look that decodes no geometry and trusts nothing.

It only decides what is packed along. Whether a path is allowed and a file is missing is for the
loader to say, so what cannot be understood here is passed over.
"""

from __future__ import annotations

import json
import posixpath
import re
import struct
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ingest.formats import FORMATS
from partworks.errors import Rejected
from partworks.geometry.formats.mtl import parse_mtl
from partworks.geometry.formats.text import decode_text
from partworks.geometry.side_files import safe_path

MAX_JSON = 1 << 28
MAX_TEXT = 1 << 26
MAX_FILES = 2000
MAX_WORDS = 40
_PICTURE = re.compile(
    rb"""[^\x00-\x1f"'<>|*?@]{1,200}?\.(?:png|jpe?g|webp|tga|bmp|gif|dds)(?![\w.])""", re.IGNORECASE
)
_PICTURE_FOLDERS = ("textures", "texture", "tex", "maps", "images")
"""Where artists put pictures, whatever the path in the model says; letter case does not count."""
_LIBRARY_LINE = re.compile(r"(?m)^[ \t]*mtllib[ \t]+(.+)$")


def side_files(main: Path, root: Path) -> dict[str, Path]:
    """POSIX path below the main file's folder -> file, of the side files that exist.

    Args:
        main: a model of any format; STL, PLY and OFF have none.
        root: a file that lies outside of it, by way of a link, is left out.

    Raises:
        OSError: the main file cannot be read.
    """
    find = _FINDERS.get(main.suffix[1:].lower())
    if find is None:
        return {}
    found = {}
    for name in islice(find(main, _Lookup(main.parent)), MAX_FILES):
        path = main.parent / name
        model = path.suffix[1:].lower() in FORMATS
        if not model and path.resolve().is_relative_to(root):
            found[name] = path
    return found


class _Lookup:
    """Files below a folder by relative path, whose letter case may differ, as on Windows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names: dict[Path, dict[str, str]] = {}

    def find(self, path: str) -> str | None:
        """The path as it is on disk, None where there is no such file below the folder."""
        place, pieces = self.folder, []
        for piece in path.split("/"):
            if piece in ("", "."):
                continue
            pieces.append(self._member(place, piece))
            place = place / pieces[-1]
        if not pieces or ".." in pieces or "\0" in path:
            return None
        try:
            return "/".join(pieces) if place.is_file() else None
        except OSError:  # such as a name that is too long
            return None

    def _member(self, folder: Path, name: str) -> str:
        if folder not in self._names:
            try:
                names = sorted(entry.name for entry in folder.iterdir())
            except (OSError, ValueError):
                names = []
            self._names[folder] = {
                **{other.casefold(): other for other in reversed(names)},
                **{other: other for other in names},
            }
        known = self._names[folder]
        return known.get(name) or known.get(name.casefold()) or name


def _gltf_files(main: Path, lookup: _Lookup) -> Iterator[str]:
    yield from _json_files(_read(main, MAX_JSON), lookup)


def _glb_files(main: Path, lookup: _Lookup) -> Iterator[str]:
    with main.open("rb") as stream:
        head = stream.read(20)
        length = struct.unpack("<I", head[12:16])[0] if len(head) == 20 else 0
        text = stream.read(length) if head[:4] == b"glTF" and length <= MAX_JSON else b""
    yield from _json_files(text, lookup)


def _json_files(text: bytes, lookup: _Lookup) -> Iterator[str]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    for uri in islice(_uris(document), MAX_FILES):
        try:
            found = lookup.find(safe_path(unquote(uri)))
        except Rejected:
            continue
        if found is not None:
            yield found


def _uris(document: Any) -> Iterator[str]:
    for kind in ("buffers", "images"):
        entries = document.get(kind) if isinstance(document, Mapping) else None
        for entry in entries if isinstance(entries, list) else ():
            uri = entry.get("uri") if isinstance(entry, Mapping) else None
            if isinstance(uri, str) and uri[:5].lower() != "data:":
                yield uri


def _obj_files(main: Path, lookup: _Lookup) -> Iterator[str]:
    for line in _LIBRARY_LINE.findall(decode_text(_read(main, MAX_TEXT))):
        # One name, which may hold spaces, or several.
        whole = _find_as_artists_write(lookup, line, "")
        names = [line] if whole else line.split()[:MAX_WORDS]
        for name in names:
            library = _find_as_artists_write(lookup, name, "")
            if library is not None and library.lower().endswith(".mtl"):
                yield library
                yield from _mtl_files(library, lookup)


def _mtl_files(library: str, lookup: _Lookup) -> Iterator[str]:
    for statements in parse_mtl(_read(lookup.folder / library, MAX_TEXT)).values():
        for keyword, rest in statements.items():
            if not keyword.startswith(("map_", "norm", "bump", "disp", "decal", "refl")):
                continue
            # Options stand before the name, and a name may hold spaces: the longest tail counts.
            words = rest.split(" ")[:MAX_WORDS]
            tails = (" ".join(words[start:]) for start in range(len(words)))
            folder = posixpath.dirname(library)
            found = (_find_as_artists_write(lookup, tail, folder) for tail in tails)
            yield from islice((path for path in found if path is not None), 1)


def _pictures(main: Path, lookup: _Lookup) -> Iterator[str]:
    """Pictures that a file names anywhere: its format is left to who decodes it."""
    for name in islice(dict.fromkeys(_PICTURE.findall(_read(main, MAX_TEXT))), MAX_FILES):
        text = unquote(name.decode("utf-8", "replace")).removeprefix("file://")
        last = posixpath.basename(text.replace("\\", "/"))
        places = (text, *(f"{folder}/{last}" for folder in _PICTURE_FOLDERS))
        found = (_find_as_artists_write(lookup, place, "") for place in places)
        yield from islice((path for path in found if path is not None), 1)


def _find_as_artists_write(lookup: _Lookup, text: str, folder: str) -> str | None:
    """A file by a path such as `C:\\maps\\wood.png`, which means the file of that name here."""
    path = text.strip().strip('"').replace("\\", "/")
    for place in (path, posixpath.basename(path)):
        found = lookup.find(posixpath.normpath(posixpath.join(folder, place))) if place else None
        if found is not None:
            return found
    return None


def _read(path: Path, most: int) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(most + 1)
    # Half a text would end in half a letter and be taken for another encoding.
    return data if len(data) <= most else data[: data.rfind(b"\n", 0, most) + 1]


_FINDERS = {
    "gltf": _gltf_files,
    "glb": _glb_files,
    "obj": _obj_files,
    **dict.fromkeys(("dae", "fbx", "blend", "usd", "usda", "usdc"), _pictures),
}
