"""The shards that an earlier run has left in the root, and what is known of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from partworks.store import Store
from shards.families import FamilyFacts
from shards.manifest import Manifest, plan_digest
from shards.packing import read_record
from shards.plan import ShardPlan

FOLDER = "shards"
MANIFESTS = f"{FOLDER}/manifests"
_OURS = re.compile(
    rf"{FOLDER}/(train|val|test)-\d{{6,}}\.tar|{MANIFESTS}/(train|val|test)-\d{{6,}}\.parquet"
)


def shard_path(name: str) -> str:
    """Where a shard lies, by its file name."""
    return f"{FOLDER}/{name}"


def manifest_path(name: str) -> str:
    """Where the manifest of a shard lies."""
    return f"{MANIFESTS}/{name.removesuffix('.tar')}.parquet"


def leftovers(store: Store) -> Iterator[str]:
    """Every shard and manifest in the root, whoever made it."""
    yield from (path for path in store.list(FOLDER) if _OURS.fullmatch(path))


class Shelf:
    """What lies in `shards/` when a run begins to put the data set together."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._paths = frozenset(leftovers(store))
        self._facts = {
            sha256: facts for path in sorted(self._paths) for sha256, facts in self._read(path)
        }

    def _read(self, path: str) -> Iterator[tuple[str, FamilyFacts]]:
        """The family facts in a manifest, by the checksum of the sample."""
        manifest = self._manifest(path) if path.startswith(MANIFESTS) else None
        for sample in manifest.samples if manifest else ():
            yield sample.sample_sha256, family_facts(sample.key, json.loads(sample.record))

    def _manifest(self, path: str) -> Manifest | None:
        return Manifest.from_bytes(self._store.read(path))

    def has(self, path: str) -> bool:
        """Whether a shard or a manifest was there."""
        return path in self._paths

    @staticmethod
    def paths(name: str) -> tuple[str, str]:
        """Where a shard and its manifest lie, by the shard's file name."""
        return shard_path(name), manifest_path(name)

    def find(self, plan: ShardPlan) -> Manifest | None:
        """The manifest of the very shard that is planned, if that shard is there and whole."""
        shard, beside = self.paths(plan.name)
        if not (self.has(shard) and self.has(beside)):
            return None
        manifest = self._manifest(beside)
        if manifest is None or manifest.plan != plan_digest(plan.entries):
            return None
        return manifest if self._store.size(shard) == manifest.size else None

    def family_facts(self, uid: str, *, sample_sha256: str) -> FamilyFacts:
        """What decides the family of an object; its sample is opened only if it is in no shard."""
        known = self._facts.get(sample_sha256)
        if known is not None and known.uid == uid:
            return known
        return family_facts(uid, read_record(uid, self._store))


def family_facts(uid: str, record: dict[str, Any]) -> FamilyFacts:
    """What the json of a sample says of the object's family."""
    return FamilyFacts(
        uid=uid,
        shape=tuple(record.get("shape") or ()),
        creator=record.get("creator") or "",
        name=record.get("name") or "",
    )
