"""Samples without an object behind them, and an engine that writes down what it does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from partworks import layout
from partworks.records import Attempt, Output
from partworks.store import Store
from shards import tar
from shards.config import ShardsConfig
from shards.dataset import File, build_dataset
from shards.record import to_json
from shards.shape import LENGTH
from shards.shelf import leftovers

CONFIG = ShardsConfig(shard_mb=0.01, val_share=0.25, test_share=0.25)


def sample(
    uid: str,
    *,
    kin: str = "",
    creator: str = "",
    name: str = "",
    size: int = 1500,
    change: str = "",
) -> bytes:
    """A sample tar; objects with the same `kin` have the same shape, `change` makes other bytes."""
    seed = hashlib.sha256(f"shape of {kin or uid}".encode()).digest()
    shape = np.random.default_rng(list(seed)).uniform(0, 1, LENGTH).round(6).tolist()
    content = {
        "uid": uid,
        "name": name or f"the {uid}",
        "creator": creator,
        "attribution": f"maker of {uid}",
        "licence": "CC0-1.0",
        "source": "made",
        "location": f"made:{uid}",
        "made_by": {"parts": "auto", "captioner": "template", "renderer": "raster"},
        "captions": {"model": ""},
        "parts": [],
        "dropped_parts": [],
        "field": None,
        "shape": shape,
        "statistics": {},
    }
    data = np.random.default_rng(list(f"{uid}{change}".encode())).bytes(1500)
    return tar.pack({f"{uid}.json": to_json(content), f"{uid}.points.npz": data})


def attempt(uid: str, data: bytes) -> Attempt:
    """What the ledger would say of a sample."""
    path = layout.sample(uid)
    output = Output(path=path, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    return Attempt(uid=uid, stage="shards", status="ok", fingerprint="made", outputs=(output,))


class LoggedStore(Store):
    """A store that writes down what is read."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.reads: list[str] = []

    def read(self, path: str) -> bytes:
        self.reads.append(path)
        return super().read(path)


@dataclass
class Engine:
    """Puts a data set together as the pipeline does.

    Attributes:
        written: paths that the last run wrote; kept: those that it left alone.
    """

    store: LoggedStore
    done: dict[str, Attempt] = field(default_factory=dict)
    config: ShardsConfig = CONFIG
    written: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    owned: set[str] = field(default_factory=set)

    def add(
        self, *uids: str, kin: str = "", creator: str = "", name: str = "", change: str = ""
    ) -> None:
        """Write samples, as workers do."""
        for uid in uids:
            data = sample(uid, kin=kin, creator=creator, name=name, change=change)
            self.store.write(layout.sample(uid), data)
            self.done[uid] = attempt(uid, data)

    def remove(self, *uids: str) -> None:
        """Take objects down."""
        for uid in uids:
            self.store.delete(layout.sample(uid))
            del self.done[uid]

    def finish(self, *, stop_after: int | None = None, order: Sequence[str] = ()) -> None:
        """Write what is to be written; as if killed after so many writes, if that is given."""
        self.written, self.kept, self.store.reads = [], [], []
        for path, data in self._made(order):
            if data is None:
                assert self.store.exists(path), "only what is there can stay"
                self.kept.append(path)
                continue
            if stop_after is not None and len(self.written) == stop_after:
                return
            self.store.write(path, data)
            self.written.append(path)
        made = {*self.written, *self.kept}
        for path in {*self.owned, *leftovers(self.store)} - made:
            self.store.delete(path)
        self.owned = made

    def _made(self, order: Sequence[str]) -> Iterator[File]:
        done = [self.done[uid] for uid in order or sorted(self.done)]
        return build_dataset(done, store=self.store, config=self.config, version=3)

    def contents(self) -> dict[str, str]:
        """path -> sha256 of everything in `shards/`."""
        return {
            path: hashlib.sha256(self.store.read(path)).hexdigest()
            for path in self.store.list("shards")
        }

    def record(self, uid: str) -> dict[str, object]:
        """The json of a sample in its shard, found by reading all shards."""
        for path in self.store.list("shards"):
            data = self.store.read(path) if path.endswith(".tar") else tar.END
            for member in tar.members(data):
                if member.name == f"{uid}.json":
                    found: dict[str, object] = json.loads(
                        data[member.offset : member.offset + member.size]
                    )
                    return found
        raise KeyError(uid)

    def splits(self) -> dict[str, str]:
        """uid -> split, of all objects."""
        return {uid: str(self.record(uid)["split"]) for uid in self.done}


def again(engine: Engine, url: str) -> Engine:
    """The same objects in a root without shards."""
    fresh = replace(engine, store=LoggedStore(url), owned=set(), done=dict(engine.done))
    for uid in engine.done:
        fresh.store.write(layout.sample(uid), engine.store.read(layout.sample(uid)))
    return fresh
