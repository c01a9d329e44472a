"""One run: which stages, over which objects, in which order."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa
import pyarrow.compute as pc

from partworks import cluster, dataset, plan
from partworks.config import Settings, as_tree
from partworks.dataset import Dataset, SourceSummary, StageRecord
from partworks.engine import StopFlag, remove_superseded, run_items
from partworks.errors import UsageError
from partworks.finishing import digest, finish, has_finish
from partworks.ledger import Ledger
from partworks.locking import only_driver
from partworks.outside import NOTHING, Outside
from partworks.progress import Display
from partworks.records import Attempt, Item, SourceRecord
from partworks.settling import settle, settles
from partworks.stage import AnyStage
from partworks.stages import SOURCES, STAGES, load
from partworks.store import Store
from partworks.takedown.tombstones import Tombstones
from partworks.worker import StageSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What `partworks run` was asked for.

    Attributes:
        source: SOURCE, or None for the one of the root's last run.
        stages: names, in pipeline order.
        limit: at most so many objects of the source.
        address: Ray's address, None for a local one.
        only: stage -> uids to do again even if they are done; used by `partworks retry`.
    """

    store: Store
    settings: Settings
    source: str | None = None
    stages: Sequence[str] = tuple(STAGES)
    limit: int | None = None
    address: str | None = None
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)


def run(request: RunRequest, display: Display) -> bool:
    """Run the stages; whether the run came to its end, that is, was not stopped by a signal."""
    with only_driver(request.store), contextlib.ExitStack() as stack:
        request.store.sweep()
        state = _Run(request, display, stack)
        for name in request.stages:
            if not state.stop.requested:
                state.run_stage(name)
        request.store.sweep()
        return not state.stop.requested


class _Run:
    """A run under way."""

    def __init__(self, request: RunRequest, display: Display, stack: contextlib.ExitStack) -> None:
        self.request = request
        self.display = display
        self.store = request.store
        self.ledger = Ledger(request.store)
        self.dataset = dataset.load(request.store) or Dataset()
        self.dataset = replace(self.dataset, seed=request.settings.run.seed)
        self.marks = plan.fingerprints(request.settings.configs, seed=request.settings.run.seed)
        self.outside = NOTHING
        self.stop = StopFlag()
        self._stack = stack
        self._connected = False
        self._records: dict[str, SourceRecord] = {}
        self._chosen: pa.Array | None = None
        first = (name for name in request.stages if not STAGES[name].stage_class().needs)
        if request.source is not None or any(first):
            self._enumerate(request.source)

    def run_stage(self, name: str) -> None:
        """Do what is missing of one stage."""
        self._remember(name)
        # Read for each stage anew: the stages before it may have made decisions void.
        configs = self.request.settings.configs
        trees = {stage: as_tree(config) for stage, config in configs.items()}
        self.outside = Outside.read(self.store, trees)
        self._settle(name)
        uids = self._to_do(name)
        if uids:
            self._attempt(name, uids)
            self._settle(name)
        if not self.stop.requested:
            self._finish(name)

    def _enumerate(self, given: str | None) -> None:
        known = self.dataset.source
        spec = given or (known.spec if known else None)
        if spec is None:
            raise UsageError(
                "the root has no source yet; say --source samples or --source folder:DIR"
            )
        source = load(SOURCES)(spec)
        records: list[SourceRecord] = list(source.records())
        if not records:
            raise UsageError(f"--source {spec}: no 3D asset found there")
        records = self._without_taken_down(records)
        summary = SourceSummary(
            spec=spec,
            records=len(records),
            duplicates=len(source.duplicates),
            ignored=dict(source.ignored),
        )
        for path, uid in source.duplicates.items():
            self.display.note(f"{path} has the same bytes as object {uid}; it is counted once")
        self.dataset = replace(self.dataset, source=summary)
        if self.request.limit is not None:
            records = records[: self.request.limit]
            self._chosen = pa.array([record.uid for record in records], pa.string())
        self._records = {record.uid: record for record in records}

    def _without_taken_down(self, records: list[SourceRecord]) -> list[SourceRecord]:
        taken_down = Tombstones.load(self.store)
        kept = [each for each in records if not taken_down.refuses(each.uid, each.sha256)]
        if len(kept) < len(records):
            count = len(records) - len(kept)
            self.display.note(f"{count} objects of the source were taken down and stay away")
        return kept

    def _remember(self, name: str) -> None:
        """Write the stage's config to `dataset.json` before anything is made with it."""
        settings = as_tree(self.request.settings.configs[name])
        version = STAGES[name].stage_class().version
        earlier = self.dataset.stages.get(name)
        record = StageRecord(version=version, settings=settings, fingerprint=self.marks[name])
        if earlier is not None:
            record = replace(record, outputs=earlier.outputs, made_of=earlier.made_of)
        self.dataset = replace(self.dataset, stages={**self.dataset.stages, name: record})
        dataset.save(self.store, self.dataset)

    def _to_do(self, name: str) -> list[str]:
        needs = STAGES[name].stage_class().needs
        if needs:
            ready = plan.eligible(self.ledger, needs, self.marks, outside=self.outside)
            if self._chosen is not None:
                ready = ready.filter(pc.is_in(ready, self._chosen))
            candidates: list[str] = ready.to_pylist()
            if self._chosen is None and self.request.limit is not None:
                candidates = candidates[: self.request.limit]
        else:
            candidates = list(self._records)
        if name in self.request.only:
            there = self.outside.own.get(name, self.request.only[name])
            return sorted(uid for uid in {*candidates} & {*self.request.only[name]} if uid in there)
        return plan.to_do(
            self.ledger,
            name,
            candidates,
            fingerprint=self.marks[name],
            max_attempts=self.request.settings.run.max_attempts,
            outside=self.outside,
            uncounted=STAGES[name].stage_class().halting,
        )

    def _spec(self, name: str) -> StageSpec:
        return StageSpec(
            stage=STAGES[name].stage,
            name=name,
            config=self.request.settings.configs[name],
            root=self.store.url,
            seed=self.request.settings.run.seed,
            fingerprint=self.marks[name],
            resources=self.request.settings.resources[name],
        )

    def _attempt(self, name: str, uids: list[str]) -> None:
        self._connect()
        spec = self._spec(name)
        items = (
            Item(uid=uid, record=self._records.get(uid), outside=self.outside.digest(name, uid))
            for uid in uids
        )
        earlier = self.ledger.outputs(name, uids)
        superseded: list[Attempt] = []

        def count(attempt: Attempt) -> None:
            self.display.attempt(attempt)
            if attempt.uid in earlier:
                superseded.append(attempt)

        self.display.begin(name, len(uids))
        pool = cluster.open_pool(spec)
        try:
            with self.ledger.writer(name) as writer:
                halted = run_items(
                    spec,
                    items,
                    pool=pool,
                    writer=writer,
                    stop=self.stop,
                    on_attempt=count,
                    on_wait=self.display.tick,
                    halting=STAGES[name].stage_class().halting,
                )
        finally:
            pool.close()
            self.display.end()
        if halted is not None:
            self.display.note(f"{name} stops here: {halted.reason}: {halted.message}")
        for attempt in superseded:
            remove_superseded(self.store, attempt, earlier)

    def _connect(self) -> None:
        if self._connected:
            return
        workers = self.request.settings.run.workers
        self._stack.enter_context(cluster.session(self.request.address, workers=workers))
        # Ray installs handlers of its own, so ours come after it.
        self._stack.enter_context(_signals(self.stop, self.display.note))
        self._connected = True

    def _settle(self, name: str) -> None:
        if self.stop.requested or not settles(STAGES[name].stage_class()):
            return
        count = settle(
            self._stage(name), ledger=self.ledger, mark=self.marks[name], outside=self.outside
        )
        if count:
            self.display.note(f"{name}: {count} objects judged anew")

    def _stage(self, name: str) -> AnyStage:
        """The stage as the driver has it."""
        return STAGES[name].stage_class()(
            self.request.settings.configs[name], store=self.store, seed=self.dataset.seed
        )

    def _finish(self, name: str) -> None:
        entry = STAGES[name]
        stage_class = entry.stage_class()
        if not has_finish(stage_class):
            return
        done = self._done(name)
        record = self.dataset.stages[name]
        if record.made_of == digest(done, record):
            return
        self.display.note(f"{name}: putting the data set together from {len(done)} objects")
        self.dataset = finish(self._stage(name), done, store=self.store, known=self.dataset)

    def _done(self, name: str) -> list[Attempt]:
        """The attempts that stand: ok, current, and so is everything that they were made from."""
        needs = STAGES[name].stage_class().needs
        ready = set(plan.eligible(self.ledger, needs, self.marks, outside=self.outside).to_pylist())
        current = set(
            plan.current_ok(self.ledger, name, self.marks[name], outside=self.outside).to_pylist()
        )
        return [
            attempt
            for attempt in self.ledger.attempts(name)
            if attempt.uid in current and (attempt.uid in ready or not needs)
        ]


@contextlib.contextmanager
def _signals(stop: StopFlag, note: Callable[[str], None]) -> Iterator[None]:
    """Let the first SIGINT or SIGTERM end the run in good order and the second end it now."""

    def handle(number: int, _: object) -> None:
        if stop.requested:
            stop.now = True
            return
        stop.requested = True
        note(f"{signal.Signals(number).name}: finishing the objects in flight; again to stop now")

    earlier = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
