"""The rules of review, applied to tasks of the database: bases and states, kept while in use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from annotate.blobs.labels import unpack_labels
from annotate.blobs.store import BlobStore
from annotate.database.base import Json
from annotate.database.tables import Task
from annotate.review.base import Base
from annotate.review.digest import state_hash
from annotate.review.errors import OperationError
from annotate.review.fold import fold, step
from annotate.review.state import State
from annotate.review.suggest.model import SuggestionModel
from annotate.review.wire import operation_from_json
from annotate.server.advice import NONE, Advice, advise
from annotate.server.problems import Problem
from annotate.server.recent import Recent
from annotate.server.surfaces import Surfaces

Int32 = NDArray[np.int32]
Loader = Callable[[], Iterable[Json]]

BASES = 32
STATES = 64
"""Kept: at 200,000 faces a base or a state takes under 1 MB."""


class Workbench:
    """Bases by task and states by draft, so that an operation costs itself alone.

    Thread-safe: values are never changed, and what two threads compute at once is the same.

    Args:
        model: what suggestions go by.
    """

    def __init__(self, blobs: BlobStore, surfaces: Surfaces, *, model: SuggestionModel) -> None:
        self._blobs = blobs
        self.surfaces = surfaces
        self._model = model
        self._bases: Recent[Base] = Recent(BASES)
        self._states: Recent[State] = Recent(STATES)

    def base(self, task: Task) -> Base:
        """What the review of a task starts from."""
        return self._bases.get((task.atoms, task.revision), lambda: self._load(task))

    def state(self, task: Task, *, draft_id: int, version: int, operations: Loader) -> State:
        """Where a draft stands at a version; `operations` fetches them if they are needed."""
        found = self._states.peek(draft_id)
        if found is not None and found.version == version:
            return found
        state = self.replay(task, operations())
        assert state.version == version
        self.keep(draft_id, state)
        return state

    def replay(self, task: Task, operations: Iterable[Json]) -> State:
        """The state after stored operations."""
        return fold(self.base(task), [operation_from_json(body) for body in operations])

    def advance(self, task: Task, state: State, posted: Sequence[Json]) -> State:
        """The state after new operations.

        Raises:
            Problem: `operation`, with the reason's own `reason` and the `index` of the first that
                does not fit.
        """
        base = self.base(task)
        for index, body in enumerate(posted):
            try:
                state = step(base, state, operation_from_json(body))
            except OperationError as error:
                raise Problem("operation", error.message, reason=error.code, index=index) from error
        return state

    def keep(self, draft_id: int, state: State) -> None:
        """Remember where a draft stands."""
        self._states.put(draft_id, state)

    def hash(self, state: State) -> str:
        """The fingerprint of a state, as the page computes it."""
        return state_hash(state)

    def advice(self, task: Task, state: State, *, wait: bool = True) -> Advice:
        """Suggestions and warnings for a state; none if they would have to be waited for."""
        if not self.surfaces.available:
            return NONE
        if wait:
            return advise(self.surfaces.facts(task, self.base(task)), state, model=self._model)
        facts = self.surfaces.ready(task)
        return NONE if facts is None else advise(facts, state, model=self._model)

    def prepare(self, task: Task) -> None:
        """Begin to read what advice on a task needs."""
        if self.surfaces.available:
            self.surfaces.prepare(task, self.base(task))

    def close(self) -> None:
        """Stop what runs in the background."""
        self.surfaces.close()

    def _load(self, task: Task) -> Base:
        sha256, ext = task.atoms.split(".", 1)
        try:
            data = self._blobs.path(sha256, ext).read_bytes()
        except FileNotFoundError as error:
            message = f"the labels of task {task.id} are missing; import the tasks again"
            raise Problem("internal", message) from error
        return Base.from_json(unpack_labels(data, ext), task.details["tree"])
