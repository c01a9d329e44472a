"""Requests that wait for a batch: what a worker leaves, and what it finds there later.

In batch mode nobody is asked while an object is at work. What the cache lacks is left in the root,
the object fails with `awaiting_answers`, and waits until a batch has brought the answers into the
cache; `partworks caption` sends and fetches batches. Then the object is done again, gets further,
and may leave the next requests: claims can be checked only when there are some.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from caption.vlm.cache import ReplyCache
from caption.vlm.config import VlmConfig
from caption.vlm.question import Question
from caption.vlm.reply import Reply
from partworks import layout
from partworks.store import Store


class Awaited(Exception):
    """The reply will come with a batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """One request that waits.

    Attributes:
        uid: the object that needs it.
        key: of the reply in the cache.
        body: of the chat completion.
        pictures: SHA-256 of the pictures in it.
        most: US dollars that it may cost, at the batch price.
    """

    uid: str
    key: str
    body: dict[str, Any]
    pictures: tuple[str, ...]
    most: float


class BatchReplies:
    """Answers from the cache alone, and keeps what it lacks.

    Args:
        config: of the model.
        cache: of the root.
        tokens_a_pixel: of pictures, to say what a request may cost.
    """

    def __init__(self, config: VlmConfig, cache: ReplyCache, *, tokens_a_pixel: float) -> None:
        self._config = config
        self._cache = cache
        self._tokens_a_pixel = tokens_a_pixel
        self._missing: dict[str, Question] = {}

    async def reply(self, question: Question) -> Reply:
        """See `Replies.reply`."""
        key = question.key(self._config)
        reply = await asyncio.to_thread(self._cache.get, key)
        if reply is None:
            self._missing[key] = question
            raise Awaited(f"{question.kind} ({', '.join(question.labels)}) waits for a batch")
        return reply

    async def drop(self, question: Question) -> None:
        """See `Replies.drop`."""
        await asyncio.to_thread(self._cache.drop, question.key(self._config))

    def take_missing(self, uid: str) -> list[Pending]:
        """What was asked and not answered since the last call, in order of the keys."""
        missing, self._missing = self._missing, {}
        return [self._pending(uid, key, missing[key]) for key in sorted(missing)]

    def _pending(self, uid: str, key: str, question: Question) -> Pending:
        given, taken = question.tokens(self._config, tokens_a_pixel=self._tokens_a_pixel)
        return Pending(
            uid=uid,
            key=key,
            body=question.body(self._config),
            pictures=question.digests,
            most=self._config.price.of(input_tokens=given, output_tokens=taken),
        )


def write_pending(store: Store, uid: str, requests: list[Pending]) -> None:
    """Leave an object's requests for the next batch, in place of those that it left earlier."""
    lines = (
        json.dumps(
            {
                "uid": request.uid,
                "key": request.key,
                "body": request.body,
                "pictures": request.pictures,
                "most": request.most,
            },
            sort_keys=True,
        )
        for request in requests
    )
    store.write(layout.pending(uid), ("\n".join(lines) + "\n").encode())


def read_pending(store: Store, path: str) -> Iterator[Pending]:
    """The requests in one object's file."""
    for line in store.read(path).decode().splitlines():
        table = json.loads(line)
        table["pictures"] = tuple(table["pictures"])
        yield Pending(**table)
