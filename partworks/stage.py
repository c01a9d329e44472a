"""What a stage is: the contract between the engine and the seven folders."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np

from partworks.records import Attempt, Item, Outcome
from partworks.store import Store

ConfigT = TypeVar("ConfigT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What one worker of a stage may use.

    Attributes:
        cpus: cores, as Ray counts them.
        gpus: devices, as Ray counts them.
        memory_mb: resident memory of the worker's child process; more ends the object.
        deadline_s: wall seconds for one object; more ends the object.
        keeps_model: run as a Ray actor, because `open` loads something worth keeping.
        recycle_after: objects after which the worker's child process is started afresh, 0 = never.
    """

    cpus: float = 1.0
    gpus: float = 0.0
    memory_mb: int = 4096
    deadline_s: float = 600.0
    keeps_model: bool = False
    recycle_after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Something in a root that does not hold.

    Attributes:
        kind: `missing`, `checksum`, `unreadable`, `geometry_hash`, `cross_reference`,
            `taken_down` or `orphan`.
        path: the file.
        message: what was expected and what was found.
    """

    kind: str
    path: str
    message: str


class Examination(Protocol):
    """A stage's own view of the files that its `finish` made."""

    def file(self, path: str, data: bytes) -> Iterable[Breach]:
        """What does not hold in one of the files; asked from several threads, once for each."""
        ...

    def whole(self) -> Iterable[Breach]:
        """What does not hold between the files; asked after all of them."""
        ...


class Stage(ABC, Generic[ConfigT]):
    """One step of the pipeline.

    `process` is deterministic: the same input bytes, config and version give the same output
    bytes, whatever the number of workers. It reads through `self.store` and returns the files to
    write; it never writes into the root itself. To refuse an object it raises `errors.Rejected`;
    to report a trouble that a retry may mend, `errors.Failed`. Anything else that it raises
    becomes a failure with reason `exception`.

    Attributes:
        name: the folder's name.
        version: raised when the meaning or the bytes of the output change.
        needs: stages whose output it reads; an object reaches this stage when all of them are ok.
        resources: the default limits of one worker.
        reasons: every reason that the stage may give, with what it means; documented and tested.
        halting: those of the reasons after which no other object would do better, such as a spent
            budget: no further object is begun, and such failures do not count as attempts.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    needs: ClassVar[tuple[str, ...]]
    resources: ClassVar[Resources] = Resources()
    reasons: ClassVar[Mapping[str, str]] = {}
    halting: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, config: ConfigT, *, store: Store, seed: int = 0) -> None:
        self.config = config
        self.store = store
        self.seed = seed

    def open(self) -> None:
        """Prepare a worker, once: load a model, start Blender."""

    @abstractmethod
    def process(self, item: Item) -> Outcome:
        """Do one object."""

    @classmethod
    def outside(cls, settings: Mapping[str, Any], *, store: Store) -> Mapping[str, str] | None:
        """Digests by uid of what `process` reads that no stage has made, such as decisions.

        Objects that are not listed wait: they are neither done nor pending. `process` finds the
        digest that it is meant to work with in `Item.outside`. None, as for most stages: there is
        nothing of the kind.

        Args:
            settings: of the stage, as JSON data; an older version may lack some.
            store: the root.
        """
        return None

    @classmethod
    def rehearsal(cls, config: ConfigT) -> ConfigT:
        """The config under which `partworks estimate` tries the stage: one that pays for nothing.

        The cost of such an object is what it would cost; what it leaves is thrown away.
        """
        return config

    def tools(self) -> Mapping[str, str]:
        """Name -> version of what makes the output, for the ledger."""
        return {}

    def settle(self, attempts: Sequence[Attempt]) -> Iterable[Attempt]:
        """Judge objects anew from what their rows have measured, without doing any of them again.

        Runs in the driver, before the objects of the stage and after them. The settings that it
        goes by have `affects_output` False, so that changing them leaves the work current; the
        metrics of a row must hold all that it asks for. It depends on the rows' fingerprints,
        outputs and metrics, not on their order or earlier verdicts. See `partworks.settling`.

        Args:
            attempts: the latest rows that are current and `ok` or `rejected`, in uid order.

        Returns:
            The rows whose verdict is another, with status, reason and message replaced; unchanged
            ones may be among them. An empty fingerprint says that the object must be done again.
        """
        return ()

    def finish(self, done: Sequence[Attempt]) -> Iterable[tuple[str, bytes | None]]:
        """Make what belongs to the data set as a whole, from the latest ok attempts in uid order.

        Runs once, in the driver, after the objects of the stage; yields (path, content). The engine
        writes each file before it asks for the next, keeps their checksums in `dataset.json`, and
        removes those of an earlier run that are not made again. Content None says that the file is
        in the root as it should be, and is to stay. Most stages have nothing of the kind.
        """
        return ()

    def leftovers(self) -> Iterable[str]:
        """Paths in the root that a `finish` may have written, also one that was interrupted.

        The engine removes those that `finish` did not make or keep.
        """
        return ()

    def packed(self) -> Collection[str]:
        """The uids of the objects that the files which `finish` made hold now."""
        return ()

    def examine(self, done: Sequence[Attempt]) -> Examination | None:
        """What `partworks verify` is to check of the files that `finish` made, if anything.

        The stage has its default config here: the files must speak for themselves.

        Args:
            done: the ok attempts whose inputs have not changed since, in uid order.
        """
        return None

    def generator(self, uid: str) -> np.random.Generator:
        """The only source of randomness: a generator seeded with (config seed, uid, stage)."""
        words = f"{self.seed}\0{uid}\0{self.name}".encode()
        return np.random.default_rng(np.frombuffer(words, np.uint8))


AnyStage = Stage[Any]
