"""What routes work with, made once for a server."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from starlette.requests import HTTPConnection

from annotate.blobs.store import BlobStore
from annotate.database import audit
from annotate.database.audit import Caller
from annotate.database.connection import Database
from annotate.exchange.suggestion_model import read_model
from annotate.review.suggest.model import SuggestionModel
from annotate.server.buckets import Buckets
from annotate.server.captioning import CaptionDesk
from annotate.server.problems import QUIET, Problem
from annotate.server.settings import ServerSettings
from annotate.server.surfaces import Surfaces
from annotate.server.workbench import Workbench
from partworks.store import Store

LOG = logging.getLogger("annotate.server")
REFUSALS_A_MINUTE = 60
HASHING_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Services:
    """The database, the blobs, the rules of review, the limits, the clock.

    Attributes:
        clock: seconds since 1970, UTC.
        origin_key: keys the hashes of addresses; gone with the process, so that the audit trail
            tells addresses apart within a run and gives none away.
        hashing: passwords checked at once; each takes 64 MiB.
    """

    settings: ServerSettings
    database: Database
    blobs: BlobStore
    workbench: Workbench
    captions: CaptionDesk
    clock: Callable[[], float]
    writes: Buckets
    logins: Buckets
    logins_of_address: Buckets
    refusals: Buckets
    origin_key: bytes
    hashing: threading.BoundedSemaphore

    @classmethod
    def of(cls, settings: ServerSettings, *, clock: Callable[[], float] = time.time) -> Services:
        """Open everything; the database is migrated.

        Raises:
            UsageError: the root has a damaged model of suggestions.
        """
        root = settings.root
        model = SuggestionModel() if root is None else read_model(Store(root))
        limits = settings.limits
        blobs = BlobStore(settings.blobs)
        failed = limits.failed_logins
        tick = time.monotonic
        return cls(
            settings=settings,
            database=Database.opened(settings.database),
            blobs=blobs,
            workbench=Workbench(blobs, Surfaces(root), model=model),
            captions=CaptionDesk(root),
            clock=clock,
            writes=Buckets(limits.writes, per_second=limits.writes_per_second, clock=tick),
            logins=Buckets(failed, per_second=failed / 300, clock=tick),
            logins_of_address=Buckets(5 * failed, per_second=5 * failed / 300, clock=tick),
            refusals=Buckets(REFUSALS_A_MINUTE, per_second=REFUSALS_A_MINUTE / 60, clock=tick),
            origin_key=secrets.token_bytes(32),
            hashing=threading.BoundedSemaphore(HASHING_AT_ONCE),
        )

    def close(self) -> None:
        """Stop what runs in the background, and let the database go."""
        self.workbench.close()
        self.database.close()

    def origin(self, connection: HTTPConnection) -> str:
        """A keyed hash of the client's address."""
        address = connection.client.host if connection.client else ""
        return hmac.new(self.origin_key, address.encode(), hashlib.sha256).hexdigest()[:16]

    def note_refusal(self, problem: Problem, connection: HTTPConnection) -> None:
        """Write a refusal to the log and the audit trail; a flood goes to the log alone."""
        if problem.code in QUIET:
            return
        caller: Caller = getattr(connection.state, "caller", Caller(None))
        origin = self.origin(connection)
        method = str(connection.scope.get("method", ""))
        path = connection.url.path[:200]  # never the query: a token may be in it
        LOG.warning("refused %s: %s %r by %r", problem.code, method, path, caller.name)
        if self.refusals.take(origin) is not None:
            return
        known = Caller(caller.account_id, caller.name, caller.role, origin)
        detail = {"method": method, "path": path, "message": problem.message[:500]}
        with self.database.write() as session:
            audit.record(
                session,
                known,
                action=f"refused.{problem.code}",
                now=self.clock(),
                detail=detail,
            )


def services_of(connection: HTTPConnection) -> Services:
    """The services of the application that answers."""
    return cast(Services, connection.app.state.services)
