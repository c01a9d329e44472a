"""Batches on their way: built, uploaded, sent, collected; each step is in the root before the next.

Whoever is killed between two steps goes on where they were: a batch is known to the provider by its
name here, so that none is sent twice, and answers are in the cache before a batch counts as
collected.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

from caption.vlm.batching import Pending, read_pending
from partworks import layout
from partworks.outside import Voluntary
from partworks.store import Store

Step = Literal["built", "uploaded", "sent", "collected"]

PENDING = "requests/pending"
BATCHES = "requests/batches"
PREFIX = "caption_batches:"
"""Begins the digests of batches, to tell them from what else enters the stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One batch.

    Attributes:
        name: of the batch here, made from its requests.
        step: how far it is.
        uids: the objects whose requests are in it, sorted.
        requests: key of each request -> SHA-256 of its pictures.
        most: US dollars that it may cost.
        file: the provider's id of the uploaded requests.
        batch: the provider's id of the batch.
        status: the provider's word for how it is.
        answered: requests that were answered.
        cost: US dollars, once it is collected.
    """

    name: str
    step: Step
    uids: tuple[str, ...]
    requests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    most: float = 0.0
    file: str = ""
    batch: str = ""
    status: str = ""
    answered: int = 0
    cost: float = 0.0


def save(store: Store, batch: Batch) -> Batch:
    """Write down how far a batch is, and give it back."""
    data = json.dumps(asdict(batch), sort_keys=True) + "\n"
    store.write(layout.batch(batch.name), data.encode())
    return batch


def read_batches(store: Store) -> list[Batch]:
    """All batches of a root, by name."""
    return [_batch(store.read(path)) for path in store.list(BATCHES)]


def _batch(data: bytes) -> Batch:
    table = json.loads(data)
    table["uids"] = tuple(table["uids"])
    table["requests"] = {key: tuple(shown) for key, shown in table["requests"].items()}
    return Batch(**table)


def plan_batches(
    store: Store, *, known: Sequence[Batch], max_requests: int, max_bytes: int
) -> Iterator[tuple[Batch, bytes]]:
    """New batches of what waits, with the lines to upload; an object's requests stay together.

    Requests that are in a batch that is under way are not sent again.

    Args:
        store: the root.
        known: its batches.
        max_requests: of one batch, and `max_bytes` of its lines, as the provider allows.
        max_bytes: see `max_requests`.
    """
    under_way = {key for batch in known if batch.step != "collected" for key in batch.requests}
    chosen: list[Pending] = []
    lines: list[bytes] = []
    size = 0
    for path in store.list(PENDING):
        found = {each.key: each for each in read_pending(store, path)}
        fresh = [found[key] for key in sorted(found.keys() - under_way)]
        under_way |= found.keys()
        rows = [_line(request) for request in fresh]
        added = sum(map(len, rows))
        if chosen and (len(chosen) + len(fresh) > max_requests or size + added > max_bytes):
            yield _built(chosen), b"".join(lines)
            chosen, lines, size = [], [], 0
        chosen += fresh
        lines += rows
        size += added
    if chosen:
        yield _built(chosen), b"".join(lines)


def lines_of(store: Store, batch: Batch) -> bytes:
    """The lines of a batch that was built and not uploaded, from what waits."""
    found: dict[str, Pending] = {}
    for uid in batch.uids:
        if store.exists(layout.pending(uid)):
            found |= {each.key: each for each in read_pending(store, layout.pending(uid))}
    return b"".join(_line(found[key]) for key in batch.requests if key in found)


def clear_pending(store: Store, batch: Batch) -> None:
    """Remove what waited, now that it is on its way; not what an object has left since."""
    for uid in batch.uids:
        path = layout.pending(uid)
        if store.exists(path):
            keys = {each.key for each in read_pending(store, path)}
            if keys <= batch.requests.keys():
                store.delete(path)


def entering(store: Store, *, waits: bool) -> Voluntary:
    """What batches bring to objects: a digest of those that have, another one after each.

    Args:
        store: the root.
        waits: whether objects wait for the batches that are under way or not yet sent.
    """
    batches = read_batches(store)
    return Voluntary(_rounds(batches), waiting=_waiting(store, batches) if waits else frozenset())


def _waiting(store: Store, batches: Sequence[Batch]) -> frozenset[str]:
    left = (path.rsplit("/", 1)[-1].removesuffix(".jsonl") for path in store.list(PENDING))
    sent = (uid for batch in batches if batch.step != "collected" for uid in batch.uids)
    return frozenset((*left, *sent))


def _rounds(batches: Sequence[Batch]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for batch in batches:
        if batch.step == "collected":
            for uid in batch.uids:
                found.setdefault(uid, []).append(batch.name)
    return {
        uid: PREFIX + hashlib.sha256("\0".join(sorted(names)).encode()).hexdigest()
        for uid, names in found.items()
    }


def _built(requests: Sequence[Pending]) -> Batch:
    keys = "\0".join(request.key for request in requests)
    return Batch(
        name=hashlib.sha256(keys.encode()).hexdigest()[:16],
        step="built",
        uids=tuple(sorted({request.uid for request in requests})),
        requests={request.key: request.pictures for request in requests},
        most=sum(request.most for request in requests),
    )


def _line(request: Pending) -> bytes:
    row = {
        "custom_id": request.key,
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": request.body,
    }
    return (json.dumps(row, sort_keys=True) + "\n").encode()
