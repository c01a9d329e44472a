"""Where replies come from: the cache of the root first, then the endpoint."""

from __future__ import annotations

import asyncio
from typing import Protocol

from caption.vlm.cache import ReplyCache
from caption.vlm.config import VlmConfig
from caption.vlm.endpoint import Endpoint
from caption.vlm.question import Question
from caption.vlm.reply import Reply


class Replies(Protocol):
    """Answers questions."""

    async def reply(self, question: Question) -> Reply:
        """The one reply to a question, however often it is asked.

        `errors.Failed` where there is none, `batching.Awaited` where there is none yet.
        """
        ...

    async def drop(self, question: Question) -> None:
        """Forget the reply: nobody could use it, and a retry is to ask anew."""
        ...


class LiveReplies:
    """Asks an endpoint for what is not in the cache; belongs to one event loop.

    A reply is in the cache before it is returned, so that whoever is killed later has it. Equal
    questions that are asked at the same time are asked once.
    """

    def __init__(self, config: VlmConfig, cache: ReplyCache, *, endpoint: Endpoint) -> None:
        self._config = config
        self._cache = cache
        self._endpoint = endpoint
        self._under_way: dict[str, asyncio.Task[Reply]] = {}

    async def reply(self, question: Question) -> Reply:
        """See `Replies.reply`."""
        key = question.key(self._config)
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(self._fetch(question, key))
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key))
        return await asyncio.shield(task)

    async def drop(self, question: Question) -> None:
        """See `Replies.drop`."""
        await asyncio.to_thread(self._cache.drop, question.key(self._config))

    async def close(self) -> None:
        """Close the endpoint's connections."""
        await self._endpoint.close()

    async def _fetch(self, question: Question, key: str) -> Reply:
        known = await asyncio.to_thread(self._cache.get, key)
        if known is not None and not known.error:
            return known
        reply = await self._endpoint.ask(question, key=key)
        await asyncio.to_thread(self._cache.put, key, reply)
        return reply
