"""One request to an OpenAI-compatible endpoint: sent, paid, tried again."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import openai

from caption.vlm.backoff import delay, retry_after
from caption.vlm.concurrency import AdaptiveLimit
from caption.vlm.config import VlmConfig
from caption.vlm.question import Question
from caption.vlm.reply import NoReply, Reply
from caption.vlm.spending import OverBudget, Purse
from partworks.errors import Failed

LONGEST_WAIT_S = 600.0
_NEVER_SENT = ("ConnectError", "ConnectTimeout", "PoolTimeout")
"""Names of the HTTP client's errors after which nothing can have been done or paid."""
_NOBODY = (401, 402, 403, 404)
_TRY_AGAIN = (408, 409, 425, 429)
_FIRST_TOKENS_A_PIXEL = 1 / 300
"""Beyond what known models make of a picture; the first answer says what this one does."""
_MARGIN = 1.1


def api_key(config: VlmConfig) -> str:
    """The key, from the environment alone; ValueError where OpenAI's own endpoint lacks one."""
    key = os.environ.get("OPENAI_API_KEY", "")
    if not key and not config.base_url:
        raise ValueError("OPENAI_API_KEY is not set, and caption.vlm.base_url names no endpoint")
    return key or "none"


def without_key(text: str) -> str:
    """A message without the key, which some endpoints quote."""
    key = os.environ.get("OPENAI_API_KEY", "")
    return text.replace(key, "***") if key else text


class _Trouble(Exception):
    """A try that came to nothing and may be repeated.

    Args:
        message: what happened.
        paid: whether the endpoint may have done the work all the same.
        busy: whether it had too many requests.
        wait_s: for how long it asked to be left alone.
    """

    def __init__(
        self, message: str, *, paid: bool = False, busy: bool = False, wait_s: float = 0.0
    ) -> None:
        super().__init__(message)
        self.message = message
        self.paid = paid
        self.busy = busy
        self.wait_s = min(wait_s, LONGEST_WAIT_S)


class Endpoint:
    """Sends questions, as many at once as the endpoint bears; belongs to one event loop.

    Args:
        config: of the model.
        purse: pays for every try.
        generator: of the waits between tries.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        config: VlmConfig,
        purse: Purse,
        *,
        generator: np.random.Generator,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.limit = AdaptiveLimit(config.concurrency)
        self._config = config
        self._price = config.price
        self._purse = purse
        self._paying = asyncio.Condition()
        self._measuring = asyncio.Lock()
        self._tokens_a_pixel: float | None = None
        self._generator = generator
        self._sleep = sleep
        self._client = openai.AsyncOpenAI(
            api_key=api_key(config),
            base_url=config.base_url or None,
            max_retries=0,
            timeout=config.timeout_s,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def ask(self, question: Question, *, key: str) -> Reply:
        """The reply to a question; `Failed` where there is none after all tries."""
        if self._tokens_a_pixel is None and self._config.budget is not None and question.pictures:
            # Nobody knows yet what a picture costs, so the first one goes alone.
            async with self._measuring:
                if self._tokens_a_pixel is None:
                    return await self._try(question, key)
        return await self._try(question, key)

    async def _try(self, question: Question, key: str) -> Reply:
        body = question.body(self._config)
        for attempt in range(1, self._config.attempts + 1):
            try:
                return await self._once(question, body, key)
            except _Trouble as trouble:
                last = trouble
            if attempt < self._config.attempts:
                pause = delay(attempt, generator=self._generator)
                await self._sleep(max(pause, last.wait_s))
        raise Failed(
            "endpoint_failed",
            f"no answer to {', '.join(question.labels)} after {self._config.attempts} tries; the "
            f"last: {last.message}; see that the endpoint works, then retry",
        )

    async def _once(self, question: Question, body: dict[str, Any], key: str) -> Reply:
        async with self.limit.slot():
            most = await self._take(question)
            since = self.limit.now()
            cost = 0.0
            try:
                reply = await self._send(question, body, key)
                cost = reply.cost
                self.limit.answered(question.kind, since=since)
                self._learn(question, reply)
                return reply
            except _Trouble as trouble:
                cost = most if trouble.paid else 0.0
                if trouble.busy:
                    self.limit.refused(since=since, wait_s=trouble.wait_s)
                raise
            finally:
                await self._settle(most, cost=cost)

    async def _take(self, question: Question) -> float:
        """Set aside what the question may cost, once others of this worker have cost less."""
        async with self._paying:
            while True:
                most = self.most(question)
                try:
                    if self._purse.covers(most):
                        self._purse.take(most)
                    else:
                        await asyncio.to_thread(self._purse.take, most)
                    return most
                except OverBudget as error:
                    if not self._purse.under_way:
                        raise Failed(
                            "budget_reached", f"{error}; raise --caption.vlm.budget to go on"
                        ) from error
                await self._paying.wait()

    async def _settle(self, most: float, *, cost: float) -> None:
        async with self._paying:
            self._purse.settle(most, cost=cost)
            self._paying.notify_all()

    def most(self, question: Question) -> float:
        """US dollars that a question may cost."""
        rate = self._tokens_a_pixel or _FIRST_TOKENS_A_PIXEL
        given, taken = question.tokens(self._config, tokens_a_pixel=rate)
        return self._price.of(input_tokens=given, output_tokens=taken)

    def _learn(self, question: Question, reply: Reply) -> None:
        """How many tokens a pixel is, at the most that was seen."""
        pixels = sum(picture.width * picture.height for picture in question.pictures)
        if pixels and reply.input_tokens:
            found = _MARGIN * reply.input_tokens / pixels
            self._tokens_a_pixel = max(self._tokens_a_pixel or 0.0, found)

    async def _send(self, question: Question, body: dict[str, Any], key: str) -> Reply:
        try:
            async with asyncio.timeout(self._config.timeout_s):
                # Not `chat.completions.create`: checking a body of ours against the package's types
                # takes longer than sending it.
                completion = await self._client.post(
                    "/chat/completions",
                    cast_to=object,
                    body=body,
                    options={"headers": {"Idempotency-Key": key}},
                )
        except TimeoutError as error:
            late = f"no answer within {self._config.timeout_s:g} s"
            raise _Trouble(late, paid=True) from error
        except openai.APIStatusError as error:
            raise _trouble(error) from error
        except openai.APIConnectionError as error:  # timeouts are among them
            name = type(error.__cause__ or error).__name__
            raise _Trouble(
                f"{error} ({name}: {error.__cause__})", paid=name not in _NEVER_SENT
            ) from error
        except ValueError as error:
            raise _Trouble(f"a body that is no JSON: {error}", paid=True) from error
        try:
            return Reply.from_completion(completion, price=self._price, pictures=question.digests)
        except NoReply as error:
            raise _Trouble(f"a body that cannot be read: {error}", paid=True) from error


def _trouble(error: openai.APIStatusError) -> _Trouble:
    """What a status means; `Failed` where another try would not help."""
    status, headers = error.status_code, error.response.headers
    message = without_key(f"{status}: {error.message}")
    if status in _NOBODY or error.code == "insufficient_quota":
        raise Failed(
            "endpoint_refused",
            f"the endpoint refuses everybody's requests: {message}; see caption.vlm.model and "
            "base_url, OPENAI_API_KEY in the environment, and the account",
        ) from error
    if status < 500 and status not in _TRY_AGAIN:
        raise Failed(
            "request_refused",
            f"the endpoint refuses this request: {message}; if it is so for all, see "
            "caption.vlm.structured, max_tokens and composite",
        ) from error
    wait = retry_after(headers.get("retry-after"), milliseconds=headers.get("retry-after-ms"))
    return _Trouble(message, busy=status in (429, 503), wait_s=wait)
