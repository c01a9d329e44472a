"""Ray, as the engine uses it: where attempts run. Only uids and paths travel through it.

Stages that load no model are plain tasks: Ray reuses its worker processes, and each keeps one
`Worker` of the stage that it last served. Stages that load a model are actors. Deadlines, memory
limits and crashes are the `Worker`'s business; Ray only reports that a whole worker is gone.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections import deque
from collections.abc import Iterator
from typing import Any, Protocol

import ray
from ray.exceptions import RayActorError, RayError, RayTaskError

from partworks.errors import UsageError
from partworks.records import Attempt, Item
from partworks.worker import StageOpenError, StageSpec, Worker

_OBJECT_STORE_BYTES = 128 << 20
# Objects handed to Ray beyond those at work, for each worker, so that quick ones follow one another
# without a pause. Slow ones have no use for it, and a run that is stopped would have to wait.
_AHEAD = 3
_QUICK_S = 0.2
_CONNECT_S = 10.0


class WorkerLost(Exception):
    """The Ray worker, actor or node went away; the object is not to blame."""


@contextlib.contextmanager
def session(address: str | None, *, workers: int | None) -> Iterator[None]:
    """Be connected to Ray: a local cluster of `workers` CPUs, or the one at `address`.

    A process that is connected already, such as a notebook, stays so.
    """
    if ray.is_initialized():
        yield
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # An idle GPU must not be hidden from a stage that does not ask for one.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    options: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    if address is None:
        options |= {
            "address": "local",
            "num_cpus": workers or os.cpu_count(),
            "include_dashboard": False,
            "object_store_memory": _OBJECT_STORE_BYTES,
        }
    else:
        _check_reachable(address)
        options["address"] = address
    try:
        ray.init(**options)
    except (ConnectionError, ValueError) as error:
        raise UsageError(
            f"cannot join Ray at {address!r}: {error}; if the cluster asks for a token, copy "
            "~/.ray/auth_token from its head node"
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


def _check_reachable(address: str) -> None:
    """Fail at once where nobody listens; Ray itself would try for many minutes."""
    host, colon, port = address.rpartition("://")[2].rpartition(":")
    if not (colon and port.isdigit()):
        return
    try:
        socket.create_connection((host, int(port)), timeout=_CONNECT_S).close()
    except OSError as error:
        raise UsageError(f"nobody answers at --ray {address}: {error}") from error


_resident: Worker | None = None


def _attempt(spec: StageSpec, item: Item) -> Attempt:
    global _resident  # noqa: PLW0603  one worker a process, kept from task to task
    if _resident is None or _resident.spec != spec:
        if _resident is not None:
            _resident.close()
        _resident = Worker(spec)
    return _resident.attempt(item)


class _Actor:
    def __init__(self, spec: StageSpec) -> None:
        self._worker = Worker(spec)

    def attempt(self, item: Item) -> Attempt:
        return self._worker.attempt(item)


class Pool(Protocol):
    """Where attempts run: submit while there is room, then collect."""

    @property
    def in_flight(self) -> int:
        """Attempts submitted and not collected."""

    def has_room(self) -> bool:
        """Whether another object may be submitted."""

    def submit(self, item: Item) -> None:
        """Start an attempt."""

    def collect(self, timeout_s: float) -> list[tuple[Item, Attempt | WorkerLost]]:
        """The attempts that have ended, after waiting `timeout_s` for the first."""

    def close(self) -> None:
        """Give up what is still running."""


def open_pool(spec: StageSpec) -> Pool:
    """The pool that suits the stage; UsageError if no node can hold one of its workers."""
    return ActorPool(spec) if spec.resources.keeps_model else TaskPool(spec)


def _slots(spec: StageSpec) -> int:
    have: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    wants = {"CPU": spec.resources.cpus, "GPU": spec.resources.gpus}
    fits = [int(have.get(kind, 0) / amount) for kind, amount in wants.items() if amount]
    slots = min(fits, default=1)
    if slots < 1:
        offered = {kind: have.get(kind, 0) for kind in wants}
        raise UsageError(
            f"stage {spec.name} wants {wants} a worker, the cluster offers {offered}; lower "
            f"--resources.{spec.name}.cpus or .gpus, or add nodes"
        )
    return slots


class TaskPool:
    """Plain Ray tasks: one a worker, and a few more in flight while objects are quick."""

    def __init__(self, spec: StageSpec) -> None:
        resources = spec.resources
        self._task = ray.remote(num_cpus=resources.cpus, num_gpus=resources.gpus, max_retries=0)(
            _attempt
        )
        self._spec_ref = ray.put(spec)
        self._slots = _slots(spec)
        self._quick = False
        self._items: dict[Any, Item] = {}

    @property
    def in_flight(self) -> int:
        """Attempts submitted and not collected."""
        return len(self._items)

    def has_room(self) -> bool:
        """Whether another object may be submitted."""
        return len(self._items) < self._slots * (1 + _AHEAD if self._quick else 1)

    def submit(self, item: Item) -> None:
        """Start an attempt."""
        self._items[self._task.remote(self._spec_ref, item)] = item

    def collect(self, timeout_s: float) -> list[tuple[Item, Attempt | WorkerLost]]:
        """The attempts that have ended."""
        ended = [(self._items.pop(ref), _result(ref)) for ref in _ready(self._items, timeout_s)]
        for _, result in ended:
            if isinstance(result, Attempt):
                self._quick = result.seconds < _QUICK_S
        return ended

    def close(self) -> None:
        """Cancel what has not begun and end what runs."""
        for ref in self._items:
            ray.cancel(ref, force=True)


class ActorPool:
    """One actor a slot, one object in flight each; an actor that died is started again by Ray."""

    def __init__(self, spec: StageSpec) -> None:
        resources = spec.resources
        remote: Any = ray.remote(
            num_cpus=resources.cpus, num_gpus=resources.gpus, max_restarts=-1, max_task_retries=0
        )(_Actor)
        self._actors: list[Any] = [remote.remote(spec) for _ in range(_slots(spec))]
        self._idle = deque(self._actors)
        self._busy: dict[Any, tuple[Any, Item]] = {}

    @property
    def in_flight(self) -> int:
        """Attempts submitted and not collected."""
        return len(self._busy)

    def has_room(self) -> bool:
        """Whether an actor is idle."""
        return bool(self._idle)

    def submit(self, item: Item) -> None:
        """Start an attempt on an idle actor."""
        actor = self._idle.popleft()
        self._busy[actor.attempt.remote(item)] = (actor, item)

    def collect(self, timeout_s: float) -> list[tuple[Item, Attempt | WorkerLost]]:
        """The attempts that have ended."""
        ended = []
        for ref in _ready(self._busy, timeout_s):
            actor, item = self._busy.pop(ref)
            self._idle.append(actor)
            ended.append((item, _result(ref)))
        return ended

    def close(self) -> None:
        """End the actors, which hold their CPUs for life."""
        for actor in self._actors:
            ray.kill(actor)


def _ready(refs: dict[Any, Any], timeout_s: float) -> list[Any]:
    waiting = list(refs)
    first, _ = ray.wait(waiting, num_returns=1, timeout=timeout_s)
    if not first:
        return []
    ready, _ = ray.wait(waiting, num_returns=len(waiting), timeout=0)
    return list(ready)


def _result(ref: Any) -> Attempt | WorkerLost:
    try:
        attempt: Attempt = ray.get(ref)
    except RayTaskError as error:
        if isinstance(error.cause, StageOpenError):
            raise error.cause from None
        raise  # a Worker answers for every object; anything else is a fault of ours
    except (RayActorError, RayError) as error:
        return WorkerLost(str(error))
    return attempt
