"""What enters a stage from outside the pipeline, object by object, such as reviewers' decisions.

A stage that reads such things names a digest of them for each object. The digest enters the
fingerprint of the object's rows, in this stage and in all that need it: when a decision changes,
exactly what depends on it is stale, and when it changes back, it is not. An object without a digest
waits, unless what enters is `Voluntary`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from partworks.stages import STAGES
from partworks.store import Store

Digests = Mapping[str, str]


class Voluntary(Mapping[str, str]):
    """Digests of what may enter but need not, such as corrections.

    Every object is in it but those that wait; one without a digest of its own has an empty one.
    Only those with one are iterated over.

    Args:
        digests: by uid.
        waiting: objects that wait for something on its way, such as answers.
    """

    def __init__(self, digests: Digests, *, waiting: Set[str] = frozenset()) -> None:
        self._digests = {uid: digest for uid, digest in digests.items() if uid not in waiting}
        self.waiting = waiting

    def __getitem__(self, uid: str) -> str:
        if uid in self.waiting:
            raise KeyError(uid)
        return self._digests.get(uid, "")

    def __contains__(self, uid: object) -> bool:
        return isinstance(uid, str) and uid not in self.waiting

    def __iter__(self) -> Iterator[str]:
        return iter(self._digests)

    def __len__(self) -> int:
        return len(self._digests)


def joined(sources: Sequence[Digests]) -> Digests:
    """What enters on several ways, as one: an object's digests with `+` between, empty ones gone.

    An object waits if it does in any of them.
    """
    closed = [digests for digests in sources if not isinstance(digests, Voluntary)]
    uids = closed[0] if closed else {uid: None for digests in sources for uid in digests}
    found = {
        uid: "+".join(filter(None, (digests[uid] for digests in sources)))
        for uid in uids
        if all(uid in digests for digests in sources)
    }
    if closed:
        return found
    waiting = (digests.waiting for digests in sources if isinstance(digests, Voluntary))
    return Voluntary(found, waiting=frozenset().union(*waiting))


def entered(outside: str, *, prefix: str) -> str:
    """The digest with a prefix among what entered for an object; empty if there is none.

    Args:
        outside: `Item.outside`, digests with `+` between.
        prefix: by which a source's digests are told from others.
    """
    return next((part for part in outside.split("+") if part.startswith(prefix)), "")


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
            found[name] = joined(list(sources.values()))
    return found
