from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from caption.vlm.cache import ReplyCache
from caption.vlm.endpoint import Endpoint
from caption.vlm.replies import LiveReplies
from caption.vlm.spending import Purse
from partworks.store import Store
from tests.caption.server import Server
from tests.caption.vlm.subjects import config
from tests.caption.vlm.test_question import question


def test_equal_questions_at_once_are_asked_once_and_kept(tmp_path: Path) -> None:
    store = Store(str(tmp_path))

    async def run(url: str) -> None:
        given = config(url)
        purse = Purse(store, worker="a", budget=None)
        endpoint = Endpoint(given, purse, generator=np.random.default_rng(0))
        replies = LiveReplies(given, ReplyCache(store), endpoint=endpoint)
        found = await asyncio.gather(*(replies.reply(question()) for _ in range(5)))
        assert all(reply == found[0] for reply in found)
        assert ReplyCache(store).get(question().key(given)) == found[0]
        await replies.drop(question())
        assert await replies.reply(question()) == found[0]
        await replies.close()

    with Server(latency_s=0.02) as server:
        asyncio.run(run(server.url))
        assert len(server.log) == 2, "five at once, and one after it was forgotten"
        assert server.log[0].key == question().key(config(server.url))
