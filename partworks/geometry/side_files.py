"""Side files of a model: the only place where a path out of a foreign file is followed.

Nothing is opened: a path is looked up among the files that the caller handed in.
"""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
from collections.abc import Mapping
from urllib.parse import unquote

from partworks.errors import Rejected

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class SideFiles:
    """The files that a model may refer to, by relative POSIX path.

    Args:
        files: path -> content.
        max_bytes: the largest file that is taken.
    """

    def __init__(self, files: Mapping[str, bytes], *, max_bytes: int) -> None:
        self._files = files
        self._folded = {path.casefold(): path for path in files}
        self._max_bytes = max_bytes

    def read_uri(self, uri: str) -> bytes | None:
        """What a glTF `uri` stands for: a data URI's bytes or a side file's, None if it is missing.

        Raises:
            Rejected: `unsafe_path`, `invalid_data_uri` or `too_large`.
        """
        if uri[:5].casefold() == "data:":
            return _decode_data_uri(uri)
        # Some exporters escape their URIs and some do not; a name with a percent sign is rare.
        return self.read(safe_path(unquote(uri)))

    def find(self, path: str, *, folder: str = "") -> tuple[str, bytes] | None:
        """The side file that an OBJ or MTL means by `path`, with its own path; None if missing.

        Such paths tell where a file once lay on the artist's disk: `C:\\maps\\wood.png`. One that
        leads nowhere from `folder` means the side file of the same name, if there is just one.
        """
        posix = path.strip().strip('"').replace("\\", "/")
        name = posixpath.basename(posix).casefold()
        near = posixpath.normpath(posixpath.join(folder, posix))
        same_name = [other for other in self._files if posixpath.basename(other).casefold() == name]
        for candidate in (near, *(same_name if len(same_name) == 1 else ())):
            content = self.read(candidate)
            if content is not None:
                return candidate, content
        return None

    def read(self, path: str) -> bytes | None:
        """The side file at `path`, None if it is missing; letter case may differ, as on Windows."""
        found = path if path in self._files else self._folded.get(path.casefold())
        if found is None:
            return None
        content = self._files[found]
        if len(content) > self._max_bytes:
            raise Rejected(
                "too_large", f"{path!r} has {len(content)} bytes, the limit is {self._max_bytes}"
            )
        return content


def safe_path(path: str) -> str:
    """A relative path below the model's folder, without `./`; anything else is `unsafe_path`."""
    pieces = [piece for piece in path.split("/") if piece not in (".", "")]
    bad = (
        path.startswith("/")
        or "\\" in path
        or "\0" in path
        or ".." in pieces
        or _SCHEME.match(path) is not None
    )
    if bad or not pieces:
        raise Rejected(
            "unsafe_path",
            f"the file refers to {path[:200]!r}; only relative paths below its own folder are read",
        )
    return "/".join(pieces)


def _decode_data_uri(uri: str) -> bytes:
    header, comma, payload = uri.partition(",")
    if not comma:
        raise Rejected("invalid_data_uri", f"data URI {uri[:60]!r} has no comma")
    if not header.casefold().endswith(";base64"):
        return unquote(payload).encode("latin-1", "replace")
    try:
        return base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Rejected("invalid_data_uri", f"base64 of a data URI is broken: {error}") from None
