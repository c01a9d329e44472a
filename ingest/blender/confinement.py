"""Take from a process whatever it does not need: other files, and the network.

Linux' Landlock does that for any user, from kernel 5.13 on; a socket over TCP is refused from 6.7
on. Where it is missing, what remains is a process whose result is checked.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_PR_SET_NO_NEW_PRIVS = 38
_VERSION_FLAG, _PATH_BENEATH = 1, 1
_EXECUTE, _WRITE, _READ, _LIST, _REFER, _TRUNCATE = 0x1, 0x2, 0x4, 0x8, 0x2000, 0x4000
_OF_FILES = _EXECUTE | _WRITE | _READ | _TRUNCATE
_FIRST = 0x1FFF
_NETWORK = 0x3


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def supported() -> bool:
    """Whether this system can confine a process."""
    return sys.platform == "linux" and _version(ctypes.CDLL(None, use_errno=True)) > 0


def confine(*, readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    """From now on this thread, and all that it starts, reach only these paths and no TCP port.

    Call it before other threads are there. Files that are open already stay open.

    Args:
        readable: files, and folders with all below them; those that do not exist are passed over.
        writable: the same, and they can be read as well.

    Returns:
        False where the system cannot do it; nothing has changed then.
    """
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    version = _version(library)
    if version < 1:
        return False
    every = _FIRST | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    rules = _Ruleset(every, _NETWORK)
    size = ctypes.sizeof(rules) if version >= 4 else 8
    ruleset = library.syscall(_CREATE, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    if ruleset < 0:
        return False
    try:
        for path in readable:
            _allow(library, ruleset, path, _READ | _LIST | _EXECUTE)
        for path in writable:
            _allow(library, ruleset, path, every)
        library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return int(library.syscall(_RESTRICT, ruleset, 0)) == 0
    finally:
        os.close(ruleset)


def _version(library: ctypes.CDLL) -> int:
    return int(library.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION_FLAG))


def _allow(library: ctypes.CDLL, ruleset: int, path: Path, access: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            access &= _OF_FILES
        rule = _Beneath(access, parent)
        library.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(parent)
