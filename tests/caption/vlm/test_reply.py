from __future__ import annotations

from typing import Any

import pytest

from caption.vlm.cache import ReplyCache
from caption.vlm.prices import Price
from caption.vlm.reply import NoReply, Reply
from partworks import layout
from partworks.store import Store

PRICE = Price(input=1.0, output=10.0)


def body(**message: Any) -> dict[str, Any]:
    return {
        "model": "m-1",
        "choices": [{"finish_reason": message.pop("ending", "stop"), "message": message}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100},
    }


def test_tokens_become_money() -> None:
    reply = Reply.from_completion(body(content="x"), price=PRICE, pictures=("p",))
    assert (reply.text, reply.tokens, reply.cost) == ("x", 1100, 0.002)
    assert not reply.refusal and not reply.cut and reply.pictures == ("p",)


def test_refusals_and_cuts_are_told() -> None:
    def of(**message: Any) -> Reply:
        return Reply.from_completion(body(**message), price=PRICE, pictures=())

    assert of(content=None, refusal="no").refusal == "no"
    assert of(content="x", ending="content_filter").refusal
    assert of(content="x", ending="length").cut


@pytest.mark.parametrize("wrong", [None, "half", [], {}, {"choices": []}, {"choices": [{}]}])
def test_what_is_no_completion_is_no_reply(wrong: Any) -> None:
    with pytest.raises(NoReply):
        Reply.from_completion(wrong, price=PRICE, pictures=())


def test_a_reply_comes_back_from_the_cache(tmp_path: Any) -> None:
    store = Store(str(tmp_path))
    cache, key = ReplyCache(store), "ab" * 32
    assert cache.get(key) is None
    reply = Reply.from_completion(body(content="ü"), price=PRICE, pictures=("p", "q"))
    cache.put(key, reply)
    assert ReplyCache(Store(str(tmp_path))).get(key) == reply
    store.write(layout.reply(key), b"{half")
    assert cache.get(key) is None
    cache.drop(key)
    cache.drop(key)
    assert not store.exists(layout.reply(key))
