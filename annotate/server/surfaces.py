"""The objects themselves, for tools that need geometry: read from the root, kept while in use."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from annotate.database.tables import Task
from annotate.exchange.facts import read_facts
from annotate.review.base import Base
from annotate.review.suggest.facts import ObjectFacts
from annotate.server.problems import Problem
from annotate.server.recent import Recent
from partworks.store import Store

KEPT = 12


class Surfaces:
    """Facts of objects; reading one takes a second or two, so it is begun ahead of need.

    Args:
        root: the dataset root that the tasks were imported from; without it no tool that needs
            geometry works on the server.
    """

    def __init__(self, root: str | None) -> None:
        self._store = None if root is None else Store(root)
        self._facts: Recent[Future[ObjectFacts]] = Recent(KEPT)
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="surfaces")

    @property
    def available(self) -> bool:
        """Whether there is a root to read from."""
        return self._store is not None

    def prepare(self, task: Task, base: Base) -> Future[ObjectFacts]:
        """Begin to read an object, unless that was done."""
        return self._facts.get(
            (task.uid, task.revision), lambda: self._executor.submit(self._gather, task, base)
        )

    def ready(self, task: Task) -> ObjectFacts | None:
        """The facts of an object, if they are at hand."""
        future = self._facts.peek((task.uid, task.revision))
        if future is None or not future.done() or future.exception() is not None:
            return None
        return future.result()

    def facts(self, task: Task, base: Base) -> ObjectFacts:
        """The facts of an object, waited for.

        Raises:
            Problem: `no_geometry` without a root, or if the object cannot be read.
        """
        if self._store is None:
            raise Problem("no_geometry", "the server was started without --root")
        future = self.prepare(task, base)
        error = future.exception()
        if error is not None:
            raise Problem("no_geometry", f"object {task.uid} cannot be read: {error}") from error
        return future.result()

    def close(self) -> None:
        """Stop reading."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _gather(self, task: Task, base: Base) -> ObjectFacts:
        assert self._store is not None
        return read_facts(self._store, base, uid=task.uid, geometry_hash=task.geometry_hash)
