"""Settings of fetching."""

from __future__ import annotations

from dataclasses import dataclass, fields


# The parser of settings reads the attributes of a nested default through vars(), which slots lack.
@dataclass(frozen=True, kw_only=True)
class FetchConfig:
    """How patiently the network is asked; none of it changes what an object becomes.

    Attributes:
        attempts: requests for one file before it counts as failed.
        deadline_s: wall seconds for one file, all attempts and waits together; keep it below
            `resources.ingest.deadline_s`.
        connect_s: seconds to wait for a connection.
        read_s: seconds of silence after which a connection counts as stalled.
        min_bytes_per_s: a transfer that stays below this over `read_s` seconds counts as stalled.
        backoff_s: the first wait between attempts is up to this; each later one up to twice more.
        max_backoff_s: no wait between attempts is longer, unless the host asks for it.
        max_retry_after_s: a host that asks for a longer wait is not waited for.
        per_host: transfers from one host at a time, over all processes of this user and machine.
        max_redirects: redirects that are followed.
    """

    attempts: int = 5
    deadline_s: float = 90.0
    connect_s: float = 10.0
    read_s: float = 20.0
    min_bytes_per_s: int = 2048
    backoff_s: float = 0.5
    max_backoff_s: float = 20.0
    max_retry_after_s: float = 60.0
    per_host: int = 8
    max_redirects: int = 5

    def __post_init__(self) -> None:
        for field in fields(self):
            least = 1 if field.name in ("attempts", "per_host") else 0
            value = getattr(self, field.name)
            strictly = field.name in ("deadline_s", "connect_s", "read_s")
            if not value >= least or (strictly and value == 0):
                raise ValueError(
                    f"fetch.{field.name} is {value}, expected "
                    f"{'more than' if strictly else 'at least'} {least}"
                )
