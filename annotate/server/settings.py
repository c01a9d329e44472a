"""How a review server runs."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from annotate.database.rules import QueueRules

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one client may do.

    Attributes:
        body_bytes: of a request. A lasso over every second face of 500,000 is 5 MB.
        failed_logins: of one address for one name, in five minutes; five times that in all.
        writes: requests that change something, at once; `writes_per_second`: and in the long run.
    """

    body_bytes: int = 8 << 20
    failed_logins: int = 10
    writes: int = 200
    writes_per_second: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Everything a server is told at its start.

    Attributes:
        database: URL, see `annotate.database.connection.Database`.
        blobs: folder of the blob store.
        root: the dataset root of the tasks, for suggestions, warnings and the server's split tools.
        host, port: where to listen.
        hosts: further names under which browsers may call this server.
        local_token: whoever knows it is `local`, an admin; none where accounts log in.
        secure_cookies: the server is reached over TLS, so cookies are kept to it.
        session_seconds: how long a login lasts.
        static: the built page.
    """

    database: str
    blobs: Path
    root: str | None = None
    host: str = "127.0.0.1"
    port: int = 8765
    hosts: tuple[str, ...] = ()
    local_token: str | None = field(default=None, repr=False)
    secure_cookies: bool = False
    session_seconds: float = 12 * 3600
    rules: QueueRules = field(default_factory=QueueRules)
    limits: Limits = field(default_factory=Limits)
    static: Path = STATIC

    @property
    def is_local(self) -> bool:
        """Whether only programs of this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False
