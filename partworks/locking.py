"""One driver at a time: whoever changes a root as a whole holds its lock."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator

from partworks.errors import UsageError
from partworks.store import Store


@contextlib.contextmanager
def only_driver(store: Store) -> Iterator[None]:
    """Keep a second driver off a local root; the lock goes with the process, however it ends.

    Raises:
        UsageError: another one is at work.
    """
    if not store.is_local:
        yield
        return
    store.local_path.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(store.local_path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                f"another run is at work on {store.url}; wait for it or stop it"
            ) from error
        yield
    finally:
        os.close(descriptor)
