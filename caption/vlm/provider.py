"""The batch endpoint: upload, send, poll, collect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import openai

from caption.vlm.batches import (
    Batch,
    clear_pending,
    lines_of,
    plan_batches,
    read_batches,
    save,
)
from caption.vlm.cache import ReplyCache
from caption.vlm.config import VlmConfig
from caption.vlm.endpoint import api_key, without_key
from caption.vlm.prices import Price
from caption.vlm.reply import NoReply, Reply
from caption.vlm.spending import Spending, read_spending, write_spending
from partworks.errors import Failed
from partworks.store import Store

MAX_REQUESTS = 50_000
MAX_BYTES = 190_000_000
"""What OpenAI allows of one batch, with room to spare."""
ENDED = ("completed", "failed", "expired", "cancelled")
TAG = "partworks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What one call has done.

    Attributes:
        sent: batches that went out.
        collected: batches whose answers came in.
        under_way: batches that the provider is still at.
        over_budget: batches that stay here, because they could cost more than is left.
    """

    sent: int = 0
    collected: int = 0
    under_way: int = 0
    over_budget: int = 0


class Provider:
    """Sends and fetches the batches of a root. One process at a time, as a run has it.

    Args:
        config: of the model.
        store: the root.
        max_requests: of one batch.
        max_bytes: of one batch's lines.
    """

    def __init__(
        self,
        config: VlmConfig,
        store: Store,
        *,
        max_requests: int = MAX_REQUESTS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._config = config
        self._store = store
        self._limits = {"max_requests": max_requests, "max_bytes": max_bytes}
        self._price: Price = replace(config, mode="batch").price
        self._cache = ReplyCache(store)
        self._client = openai.OpenAI(
            api_key=api_key(config),
            base_url=config.base_url or None,
            max_retries=config.attempts - 1,  # none of these calls is paid
            timeout=config.timeout_s,
        )

    def advance(self) -> Progress:
        """Collect what is done and send what waits; `Failed` where the endpoint does not play."""
        try:
            collected = sum(self._collect(batch) for batch in self._at("sent"))
            sent, over = self._send_all()
        except openai.APIError as error:
            raise Failed(
                "endpoint_failed", f"the batch endpoint: {without_key(str(error))}; call again"
            ) from error
        return Progress(
            sent=sent,
            collected=collected,
            under_way=sum(1 for _ in self._at("sent")),
            over_budget=over,
        )

    def _at(self, *steps: str) -> Iterator[Batch]:
        return (batch for batch in read_batches(self._store) if batch.step in steps)

    def _send_all(self) -> tuple[int, int]:
        sent = over = 0
        for batch in self._at("built", "uploaded"):
            sent += self._send(batch, b"")
        known = read_batches(self._store)
        for batch, lines in plan_batches(self._store, known=known, **self._limits):
            if not self._afford(batch):
                over += 1
                continue
            sent += self._send(save(self._store, batch), lines)
        return sent, over

    def _afford(self, batch: Batch) -> bool:
        """Hold the money; whether there is enough."""
        budget = self._config.budget
        name = _purse(batch)
        others = read_spending(self._store, without=name).committed
        if budget is not None and others + batch.most > budget:
            return False
        write_spending(self._store, name, Spending(held=batch.most))
        return True

    def _send(self, batch: Batch, lines: bytes) -> int:
        if batch.step == "built":
            lines = lines or lines_of(self._store, batch)
            uploaded = self._client.files.create(
                file=(f"{batch.name}.jsonl", lines), purpose="batch"
            )
            batch = save(self._store, replace(batch, step="uploaded", file=uploaded.id))
        name = self._find(batch) or self._create(batch)
        batch = save(self._store, replace(batch, step="sent", batch=name))
        clear_pending(self._store, batch)
        return 1

    def _create(self, batch: Batch) -> str:
        return self._client.batches.create(
            input_file_id=batch.file,
            endpoint="/v1/chat/completions",
            completion_window="24h",
            metadata={TAG: batch.name},
        ).id

    def _find(self, batch: Batch) -> str:
        """The provider's id of a batch that was sent by a call that was killed at once."""
        for each in self._client.batches.list(limit=100):
            if (each.metadata or {}).get(TAG) == batch.name and each.input_file_id == batch.file:
                return each.id
        return ""

    def _collect(self, batch: Batch) -> bool:
        """Take in the answers of a batch that has ended; whether it has."""
        state = self._client.batches.retrieve(batch.batch)
        if state.status not in ENDED:
            if state.status != batch.status:
                save(self._store, replace(batch, status=state.status))
            return False
        clear_pending(self._store, batch)  # for a call that was killed right after sending
        missing = dict.fromkeys(batch.requests, f"the batch is {state.status}")
        cost, answered = 0.0, 0
        for file in (state.output_file_id, state.error_file_id):
            for key, reply in self._replies(batch, file):
                missing.pop(key, None)
                self._cache.put(key, reply)
                cost += reply.cost
                answered += not reply.error
        for key, why in missing.items():
            self._cache.put(key, Reply(text="", error=why, pictures=batch.requests[key]))
        spending = Spending(spent=cost, requests=answered)
        write_spending(self._store, _purse(batch), spending)
        done = replace(batch, step="collected", status=state.status, answered=answered, cost=cost)
        save(self._store, done)
        return True

    def _replies(self, batch: Batch, file: str | None) -> Iterator[tuple[str, Reply]]:
        """(key, reply) of each line that belongs to the batch; others are nobody's."""
        content = self._client.files.content(file).content if file else b""
        for line in content.decode().splitlines():
            try:
                row = json.loads(line)
                key = row["custom_id"]
            except (ValueError, KeyError, TypeError):
                continue  # whose line it was is found out by its absence
            if key in batch.requests:
                yield key, self._reply(row, pictures=batch.requests[key])

    def _reply(self, row: dict[str, object], *, pictures: tuple[str, ...]) -> Reply:
        response = row.get("response")
        status = response.get("status_code") if isinstance(response, dict) else None
        if not isinstance(response, dict) or status != 200:
            found = json.dumps(row.get("error") or response)
            return Reply(text="", error=without_key(f"{status}: {found[:500]}"), pictures=pictures)
        try:
            return Reply.from_completion(response.get("body"), price=self._price, pictures=pictures)
        except NoReply as error:
            return Reply(text="", error=str(error), pictures=pictures)


def _purse(batch: Batch) -> str:
    return f"batch-{batch.name}"
