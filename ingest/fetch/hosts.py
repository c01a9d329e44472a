"""How much is asked of one host at a time, over all processes of this user and machine.

A slot is a locked file: the lock goes with the process that holds it, however it ends. A host that
asks to be left alone is left alone by all of them.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from ingest.fetch.clock import Clock
from ingest.fetch.places import subfolder
from ingest.fetch.trouble import Trouble

_POLL_S = 0.05


def _path(url: str, ending: str) -> Path:
    parts = urlsplit(url)
    host = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
    return subfolder("hosts") / f"{hashlib.sha256(host.encode()).hexdigest()[:24]}.{ending}"


@contextlib.contextmanager
def slot(url: str, *, per_host: int, clock: Clock, generator: random.Random) -> Iterator[None]:
    """Hold one of the host's slots.

    Raises:
        Trouble: `fetch_timeout`, when none comes free before the clock runs out.
    """
    clock.sleep(paused_for(url))
    order = list(range(per_host))
    generator.shuffle(order)  # else all processes would queue for the first
    while True:
        for number in order:
            descriptor = os.open(_path(url, f"{number}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                continue
            try:
                yield
            finally:
                os.close(descriptor)
            return
        if clock.remaining <= 0:
            host = urlsplit(url).netloc.rpartition("@")[2]
            raise Trouble("fetch_timeout", f"all {per_host} transfers from {host} stayed busy")
        clock.sleep(_POLL_S * (1 + generator.random()))


def pause(url: str, seconds: float) -> None:
    """Let every process leave the host alone for so long."""
    path = _path(url, "pause")
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(repr(time.time() + seconds), encoding="ascii")
    temporary.replace(path)


def paused_for(url: str) -> float:
    """Seconds that the host is to be left alone from now."""
    try:
        return max(0.0, float(_path(url, "pause").read_text(encoding="ascii")) - time.time())
    except (FileNotFoundError, ValueError):
        return 0.0
