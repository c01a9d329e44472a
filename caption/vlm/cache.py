"""Paid replies, kept in the root, so that none is ever asked for twice.

A reply is written, whole or not at all, before anybody reads it. The key says all that the reply
depends on (see `Question.key`), so that workers, runs and machines share one cache.
"""

from __future__ import annotations

from caption.vlm.reply import Reply
from partworks import layout
from partworks.store import Store


class ReplyCache:
    """The replies of a root, by key."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, key: str) -> Reply | None:
        """The reply; None if there is none, or if its file is not a reply."""
        try:
            return Reply.from_bytes(self._store.read(layout.reply(key)))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError):  # damaged by hands: ask again
            return None

    def put(self, key: str, reply: Reply) -> None:
        """Keep a reply."""
        self._store.write(layout.reply(key), reply.to_bytes())

    def drop(self, key: str) -> None:
        """Forget a reply that is of no use, so that a retry asks anew."""
        self._store.delete(layout.reply(key))
