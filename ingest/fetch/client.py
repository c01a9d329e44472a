"""A file from the network, and whether it is the one that was meant."""

from __future__ import annotations

import hashlib
import random

from ingest.fetch.clock import Clock
from ingest.fetch.config import FetchConfig
from ingest.fetch.hosts import pause, slot
from ingest.fetch.partial import Partial
from ingest.fetch.persist import persist
from ingest.fetch.transfer import Stated, check_url, transfer
from ingest.fetch.trouble import Trouble


def fetch_url(
    url: str,
    *,
    config: FetchConfig,
    most: int,
    sha256: str = "",
    size: int = 0,
    seed: str = "",
) -> bytes:
    """The bytes of a file, in as many attempts as it takes and the config allows.

    What has come of a broken transfer stays, also from run to run, and is gone on from.

    Args:
        url: http or https; proxies are the environment's, certificates are verified.
        most: bytes, more are refused.
        sha256: in hex, what is expected; empty if it is not known.
        size: bytes that are expected; 0 if it is not known.
        seed: makes the waits between attempts repeatable.

    Raises:
        Failed: with a reason of `ingest.fetch.trouble.REASONS`, the last trouble in full, and how
            many attempts there were.
        Rejected: `fetch_too_large`.
    """

    def attempt(clock: Clock, generator: random.Random) -> bytes:
        check_url(url)
        with (
            slot(url, per_host=config.per_host, clock=clock, generator=generator),
            Partial(url, sha256) as partial,
        ):
            stated = transfer(url, partial, config=config, clock=clock, most=most)
            return _checked(partial, stated, sha256=sha256, size=size)

    return persist(
        url, attempt, config=config, seed=seed or url, busy=lambda seconds: pause(url, seconds)
    )


def _checked(partial: Partial, stated: Stated, *, sha256: str, size: int) -> bytes:
    """The bytes, if they are those that were expected; what the source says goes before the host.

    Raises:
        Trouble: `fetch_truncated` or `fetch_wrong_hash`.
    """
    data = partial.read()
    length = size or stated.size
    if length and len(data) < length:
        raise Trouble("fetch_truncated", f"{len(data)} bytes of {length} came")
    partial.remove()
    expected = (sha256 or stated.sha256).lower()
    found = hashlib.sha256(data).hexdigest()
    if expected and found != expected:
        raise Trouble(
            "fetch_wrong_hash",
            f"{len(data)} bytes with SHA-256 {found} came, expected was {expected}",
        )
    if length and len(data) != length:
        raise Trouble("fetch_wrong_hash", f"{len(data)} bytes came, expected were {length}")
    return data
