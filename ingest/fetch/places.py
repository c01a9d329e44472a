"""Where fetching keeps what outlives one call: partial files, and locks that processes share."""

from __future__ import annotations

import os
import stat
import tempfile
from functools import cache
from pathlib import Path


@cache
def scratch() -> Path:
    """A folder of this user's on this machine's own disk, `partworks-UID` in the temporary one.

    Raises:
        OSError: something of another user's lies in its place.
    """
    folder = Path(tempfile.gettempdir()) / f"partworks-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    # In a folder that all users share, someone else may have put a link there.
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise OSError(f"{folder} is not a folder of user {os.getuid()}; remove it or set TMPDIR")
    return folder


def subfolder(name: str) -> Path:
    """A folder in `scratch`, made if need be."""
    folder = scratch() / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
