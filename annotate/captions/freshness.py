"""Whether captions are older than the parts that they are of, as the ledger tells."""

from __future__ import annotations

import threading

from partworks.ledger import Ledger
from partworks.store import Store

BEFORE, AFTER = "annotate", "caption"


class Freshness:
    """Knows which objects got parts after they got captions; the ledger is read when it changes.

    Until the caption stage has run again, part numbers in the captions may mean other parts.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: list[str] | None = None
        self._outdated: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    @property
    def outdated(self) -> frozenset[str]:
        """The uids whose captions are older than their parts."""
        with self._lock:
            files = [f for stage in (BEFORE, AFTER) for f in self._store.list(f"ledger/{stage}")]
            if files != self._seen:
                self._outdated = self._read()
                self._seen = files
            return self._outdated

    def _read(self) -> frozenset[str]:
        ledger = Ledger(self._store)
        columns = ["uid", "finished_at"]
        made = ledger.latest(BEFORE, columns)
        captioned = ledger.latest(AFTER, columns)
        times = dict(
            zip(captioned["uid"].to_pylist(), captioned["finished_at"].to_pylist(), strict=True)
        )
        rows = zip(made["uid"].to_pylist(), made["finished_at"].to_pylist(), strict=True)
        return frozenset(uid for uid, finished in rows if finished > times.get(uid, finished))
