"""Compare dataset roots byte by byte."""

from __future__ import annotations

import hashlib

from partworks.store import Store


def contents(store: Store) -> dict[str, str]:
    """path -> sha256 of every file but the ledger, whose rows carry times."""
    return {
        path: hashlib.sha256(store.read(path)).hexdigest()
        for path in store.list("")
        if not path.startswith("ledger/")
    }
