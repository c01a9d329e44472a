"""What a stage is: the contract between the engine and the seven folders."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

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
    """

    name: ClassVar[str]
    version: ClassVar[int]
    needs: ClassVar[tuple[str, ...]]
    resources: ClassVar[Resources] = Resources()
    reasons: ClassVar[Mapping[str, str]] = {}

    def __init__(self, config: ConfigT, *, store: Store, seed: int = 0) -> None:
        self.config = config
        self.store = store
        self.seed = seed

    def open(self) -> None:
        """Prepare a worker, once: load a model, start Blender."""

    @abstractmethod
    def process(self, item: Item) -> Outcome:
        """Do one object."""

    def tools(self) -> Mapping[str, str]:
        """Name -> version of what makes the output, for the ledger."""
        return {}

    def finish(self, done: Sequence[Attempt]) -> Iterable[tuple[str, bytes]]:
        """Make what belongs to the data set as a whole, from the latest ok attempts in uid order.

        Runs once, in the driver, after the objects of the stage; yields (path, content). The engine
        writes the files, keeps their checksums in `dataset.json`, and removes those of an earlier
        run that are not made again. Most stages have nothing of the kind.
        """
        return ()

    def generator(self, uid: str) -> np.random.Generator:
        """The only source of randomness: a generator seeded with (config seed, uid, stage)."""
        words = f"{self.seed}\0{uid}\0{self.name}".encode()
        return np.random.default_rng(np.frombuffer(words, np.uint8))


AnyStage = Stage[Any]
