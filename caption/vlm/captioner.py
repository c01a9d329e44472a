"""The captioner that looks: a vision-language model behind an OpenAI-compatible endpoint."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import socket
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from caption.captioner import unasked
from caption.composite.composite import Composite
from caption.facts import ObjectFacts
from caption.vlm import prompts, rehearsal
from caption.vlm.answers import Described, SeveralDescribed, Shortened, Verified, schema
from caption.vlm.batching import Awaited, BatchReplies, write_pending
from caption.vlm.cache import ReplyCache
from caption.vlm.config import VlmConfig
from caption.vlm.describing import Description, describe_parts, describe_whole
from caption.vlm.endpoint import Endpoint
from caption.vlm.replies import LiveReplies
from caption.vlm.reply import Reply
from caption.vlm.shortening import shorten
from caption.vlm.spending import Purse
from caption.vlm.verifying import verify
from partworks.artifacts.captions import Caption, Captions, Request
from partworks.errors import Failed
from partworks.store import Store

_WRITERS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """One caption, and the replies that it was read from."""

    caption: Caption
    replies: tuple[Reply, ...]


class VlmCaptioner:
    """Asks about each part with a picture, and about the whole; then whether it is true.

    All questions of an object are asked at once, as far as the endpoint bears it. If one fails, the
    object fails with its reason, once the others are answered: a retry finds them in the cache.

    Args:
        config: of the model.
        store: the root, which keeps paid replies, what was spent, and requests for batches.
        max_words: of a short caption.
        generator: of the waits between tries, which leave no trace in the captions.

    Attributes:
        paid: US dollars that the latest call has cost; `Captions.cost` is what its replies cost
            whenever they were bought.
    """

    name = "vlm"
    sees = True

    def __init__(
        self,
        config: VlmConfig,
        *,
        store: Store,
        max_words: int,
        generator: np.random.Generator | None = None,
    ) -> None:
        config.check()
        self.paid = 0.0
        self._config = config
        self._store = store
        self._max_words = max_words
        self._prompt = prompt_hash(config)
        self._runner = asyncio.Runner()
        # Replies are flushed to the disk, which is waiting and no work: many at once.
        self._runner.get_loop().set_default_executor(ThreadPoolExecutor(_WRITERS))
        cache = ReplyCache(store)
        self._purse = Purse(store, worker=worker_name(), budget=config.budget)
        self._replies: LiveReplies | BatchReplies | rehearsal.Rehearsal
        if config.mode == "rehearse":
            self.name = rehearsal.NAME
            self._replies = rehearsal.Rehearsal(config)
        elif config.mode == "batch":
            rate = rehearsal.TOKENS_A_PIXEL
            self._replies = BatchReplies(config, cache, tokens_a_pixel=rate)
        else:
            endpoint = Endpoint(
                config, self._purse, generator=generator or np.random.default_rng(os.getpid())
            )
            self._replies = LiveReplies(config, cache, endpoint=endpoint)

    def caption(
        self, facts: ObjectFacts, composites: Sequence[Composite | None], whole: Composite | None
    ) -> Captions:
        """See `Captioner.caption`."""
        assert whole is not None, "a captioner that sees needs a picture of the whole"
        before = self._spent()
        if isinstance(self._replies, BatchReplies):
            self._replies.take_missing(facts.uid)  # of an object that failed
        try:
            return self._runner.run(self._caption(facts, composites, whole))
        except Awaited as error:
            assert isinstance(self._replies, BatchReplies)
            missing = self._replies.take_missing(facts.uid)
            write_pending(self._store, facts.uid, missing)
            raise Failed(
                "awaiting_answers",
                f"{len(missing)} requests are left for the next batch; send them with "
                "`partworks caption batch`, then run again",
            ) from error
        finally:
            self.paid = self._spent() - before
            if self._purse.spent:
                self._purse.release()

    def close(self) -> None:
        """Close the connections and write down what was spent."""
        if isinstance(self._replies, LiveReplies):
            self._runner.run(self._replies.close())
            self._purse.release()
        self._runner.close()

    def _spent(self) -> float:
        replies = self._replies
        return replies.paid if isinstance(replies, rehearsal.Rehearsal) else self._purse.spent

    async def _caption(
        self, facts: ObjectFacts, composites: Sequence[Composite | None], whole: Composite
    ) -> Captions:
        shown = [(part, picture) for part, picture in enumerate(composites) if picture is not None]
        size = self._config.parts_per_request
        groups = [shown[start : start + size] for start in range(0, len(shown), size)]
        of_whole = asyncio.create_task(self._whole(whole))
        # Some are made ready while others are under way; all at once would hold up the first.
        gate = asyncio.Semaphore(2 * self._config.concurrency)
        of_parts = await asyncio.gather(
            *(self._parts(group, gate) for group in groups), return_exceptions=True
        )
        (found_whole,) = await asyncio.gather(of_whole, return_exceptions=True)
        _raise_worst([found_whole, *of_parts])
        assert not isinstance(found_whole, BaseException)
        looked, variants = found_whole
        captions: dict[int, _Looked] = {}
        for found in of_parts:
            assert not isinstance(found, BaseException)
            captions |= found
        everything = _distinct([looked, *captions.values()])
        return Captions(
            captioner=self.name,
            model=self._config.model,
            prompt_hash=self._prompt,
            tokens=sum(reply.tokens for reply in everything),
            cost=round(sum(reply.cost for reply in everything), 9),
            whole=looked.caption,
            parts=tuple(
                captions[index].caption if index in captions else unasked(part)
                for index, part in enumerate(facts.parts)
            ),
            variants=variants,
            verified=self._config.verify,
        )

    async def _parts(
        self, pictures: Sequence[tuple[int, Composite]], gate: asyncio.Semaphore
    ) -> dict[int, _Looked]:
        """The captions of the parts of one request, each looked at a second time by itself."""
        async with gate:
            return await self._look_twice(pictures)

    async def _look_twice(self, pictures: Sequence[tuple[int, Composite]]) -> dict[int, _Looked]:
        described = await describe_parts(pictures, replies=self._replies, max_words=self._max_words)
        looked = await asyncio.gather(
            *(
                self._look_again(description, picture, part=part)
                for (part, picture), description in zip(pictures, described, strict=True)
            ),
            return_exceptions=True,
        )
        _raise_worst(looked)
        return {
            part: found
            for (part, _), found in zip(pictures, looked, strict=True)
            if not isinstance(found, BaseException)
        }

    async def _whole(self, picture: Composite) -> tuple[_Looked, tuple[str, ...]]:
        described = await describe_whole(picture, replies=self._replies, max_words=self._max_words)
        again = asyncio.create_task(self._look_again(described, picture, part=None))
        shorter = asyncio.create_task(self._shorten(described, picture))
        _raise_worst(await asyncio.gather(again, shorter, return_exceptions=True))
        looked, (texts, replies) = again.result(), shorter.result()
        return _Looked(caption=looked.caption, replies=(*looked.replies, *replies)), texts

    async def _shorten(
        self, described: Description, picture: Composite
    ) -> tuple[tuple[str, ...], tuple[Reply, ...]]:
        count = self._config.variants
        if not count:
            return (), ()
        return await shorten(described[0], picture, count=count, replies=self._replies)

    async def _look_again(
        self, described: Description, picture: Composite, *, part: int | None
    ) -> _Looked:
        claims, replies = described
        flags: tuple[str, ...] = ()
        if self._config.verify:
            flags, more = await verify(claims, picture, part=part, replies=self._replies)
            replies = (*replies, *more)
        request = Request(image=picture.sha256, prompt=self._prompt, model=self._config.model)
        caption = Caption(
            name=claims.name,
            short=claims.short,
            long=claims.long,
            color=claims.color,
            material=claims.material,
            shape=claims.shape,
            relation=claims.relation,
            confidence=claims.confidence,
            unsure=claims.unsure,
            flags=flags,
            source=self.name,
            request=request,
        )
        return _Looked(caption=caption, replies=replies)


def prompt_hash(config: VlmConfig) -> str:
    """SHA-256, in hex, of the prompts, the schemas and the settings that shape an answer."""
    shape = {
        "prompts": prompts.digest(),
        "schemas": [schema(kind) for kind in (Described, SeveralDescribed, Shortened, Verified)],
        "temperature": config.temperature,
        "seed": config.seed,
        "max_tokens": config.max_tokens,
        "detail": config.detail,
        "structured": config.structured,
    }
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()


def worker_name() -> str:
    """A name that no worker of the root ever had."""
    host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:20]
    return f"{host}-{os.getpid()}-{uuid.uuid4().hex[:12]}"


def _raise_worst(results: Sequence[object]) -> None:
    """Raise what is to be known first of what went wrong: faults, failures, then waiting."""
    errors = [result for result in results if isinstance(result, BaseException)]
    failures = [error for error in errors if isinstance(error, Failed)]
    faults = [error for error in errors if not isinstance(error, Failed | Awaited)]
    for error in (*faults, *failures, *errors):
        raise error


def _distinct(looked: Sequence[_Looked]) -> list[Reply]:
    """Every reply once, also where several captions were read from it."""
    return list({id(reply): reply for each in looked for reply in each.replies}.values())
