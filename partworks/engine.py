"""Runs a stage over objects: keeps workers busy, writes the ledger, stops cleanly."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set

from partworks.cluster import Pool, WorkerLost
from partworks.ledger import LedgerWriter
from partworks.outside import row_fingerprint
from partworks.records import Attempt, Item, Output
from partworks.store import Store
from partworks.worker import StageSpec

MAX_LOSSES = 3
STOP_GRACE_S = 20.0
_WAIT_S = 0.25


@dataclasses.dataclass(slots=True)
class StopFlag:
    """Set by a signal: `requested` ends submitting, `now` ends waiting for what is in flight."""

    requested: bool = False
    now: bool = False


def run_items(
    spec: StageSpec,
    items: Iterable[Item],
    *,
    pool: Pool,
    writer: LedgerWriter,
    stop: StopFlag,
    on_attempt: Callable[[Attempt], None],
    on_wait: Callable[[], None],
    halting: Set[str] = frozenset(),
) -> Attempt | None:
    """Attempt every item and write a row for each.

    After a failure for a reason of `halting` no further item is begun; the first such failure is
    returned.

    A stop lets the objects in flight end, for at most `STOP_GRACE_S`; those that do not end leave
    no row and are done by the next run. An object whose worker is lost is tried again, and becomes
    a `worker_lost` failure after `MAX_LOSSES` times.
    """
    queue = iter(items)
    again: list[Item] = []
    losses: Counter[str] = Counter()
    stopped_at: float | None = None
    halted: Attempt | None = None
    while True:
        if not stop.requested:
            if halted is None:
                _fill(pool, queue, again)
        elif stopped_at is None:
            stopped_at = time.monotonic()
        if not pool.in_flight:
            break
        if stopped_at is not None and (stop.now or time.monotonic() - stopped_at > STOP_GRACE_S):
            break
        for item, result in pool.collect(_WAIT_S):
            if isinstance(result, WorkerLost):
                losses[item.uid] += 1
                if losses[item.uid] < MAX_LOSSES:
                    again.append(item)
                    continue
                result = _lost(spec, item, result)  # noqa: PLW2901
            attempt = dataclasses.replace(result, finished_at=time.time())
            writer.append(attempt)
            on_attempt(attempt)
            if attempt.reason in halting:
                halted = halted or attempt
        writer.tick()
        on_wait()
    return halted


def _fill(pool: Pool, queue: Iterator[Item], again: list[Item]) -> None:
    while pool.has_room():
        item = again.pop() if again else next(queue, None)
        if item is None:
            return
        pool.submit(item)


def _lost(spec: StageSpec, item: Item, error: WorkerLost) -> Attempt:
    return Attempt(
        uid=item.uid,
        stage=spec.name,
        status="failed",
        fingerprint=row_fingerprint(spec.fingerprint, item.outside),
        reason="worker_lost",
        message=f"the worker was lost {MAX_LOSSES} times: {error}",
    )


def remove_superseded(
    store: Store, attempt: Attempt, earlier: Mapping[str, tuple[Output, ...]]
) -> None:
    """Delete files of the object's earlier attempt that the new one did not make again."""
    kept = {output.path for output in attempt.outputs}
    for output in earlier.get(attempt.uid, ()):
        if output.path not in kept:
            store.delete(output.path)
