"""What enters a stage from outside the pipeline, object by object, such as reviewers' decisions.

A stage that reads such things names a digest of them for each object. The digest enters the
fingerprint of the object's rows, in this stage and in all that need it: when a decision changes,
exactly what depends on it is stale, and when it changes back, it is not. An object without a digest
waits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partworks.stages import STAGES
from partworks.store import Store

Digests = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Stage -> uid -> digest; a stage that nothing enters is not in it.

    Attributes:
        own: what each stage reads itself.
        all: the same with what enters through the stages that it needs.
    """

    own: Mapping[str, Digests] = field(default_factory=dict)
    all: Mapping[str, Digests] = field(default_factory=dict)

    @classmethod
    def read(cls, store: Store, settings: Mapping[str, Mapping[str, Any]]) -> Outside:
        """What enters the stages of a root now.

        Args:
            settings: stage -> its settings as JSON data, as `dataset.json` has them.
        """
        own = {
            name: digests
            for name, entry in STAGES.items()
            if name in settings
            and (digests := entry.stage_class().outside(settings[name], store=store)) is not None
        }
        return cls(own=own, all=_inherited(own) if own else {})

    def digest(self, stage: str, uid: str) -> str:
        """What an object's rows in a stage are to carry; empty where nothing enters."""
        return self.all.get(stage, {}).get(uid, "")

    def expected(self, stage: str, uid: str, mark: str) -> str | None:
        """The fingerprint that an object's row has if it is current; None if it cannot be."""
        digests = self.all.get(stage)
        if digests is None:
            return mark
        return row_fingerprint(mark, digests[uid]) if uid in digests else None

    def is_current(self, stage: str, table: pa.Table, mark: str) -> pa.ChunkedArray:
        """(N,) bool: whether rows with columns `uid` and `fingerprint` are of the present state."""
        if stage not in self.all:
            return pc.equal(table["fingerprint"], mark)
        expected = [self.expected(stage, uid, mark) or "" for uid in table["uid"].to_pylist()]
        found = table["fingerprint"].cast(pa.string())
        return pc.equal(found, pa.chunked_array([pa.array(expected, pa.string())]))


NOTHING = Outside()


def row_fingerprint(mark: str, digest: str) -> str:
    """The fingerprint of an object's row: the stage's, or with a digest a SHA-256 of both."""
    return hashlib.sha256(f"{mark}\0{digest}".encode()).hexdigest() if digest else mark


def _inherited(own: Mapping[str, Digests]) -> dict[str, Digests]:
    """What enters each stage, itself or through what it needs; what waits anywhere waits here."""
    found: dict[str, Digests] = {}
    for name, entry in STAGES.items():
        # By identity: one decision that arrives on two ways is one.
        sources = {
            id(digests): digests
            for digests in (*map(found.get, entry.stage_class().needs), own.get(name))
            if digests is not None
        }
        if len(sources) == 1:
            found[name] = next(iter(sources.values()))
        elif sources:
            first, *others = sources.values()
            found[name] = {
                uid: hashlib.sha256(
                    "\0".join(each[uid] for each in (first, *others)).encode()
                ).hexdigest()
                for uid in first
                if all(uid in other for other in others)
            }
    return found
