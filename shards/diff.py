"""What changed between two versions of a training set, and why.

Samples are compared by the checksums of their members in both indexes, so only the json of those
that changed is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow.compute as pc

from shards.changes import reasons
from shards.published import read_columns, read_statistics
from shards.reader import DamagedSampleError, ShardIndex, decode_json

_AT_ONCE = 256
_MOVES = ("split", "family", "licence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sample that only one of the versions has."""

    key: str
    split: str
    family: str
    parts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A sample that both have, but not alike.

    Attributes:
        members: name -> `added`, `removed` or `changed`.
        reasons: words of `shards.changes.REASONS`.
        moves: `split`, `family`, `licence` -> what it was and what it is, where they differ.
    """

    key: str
    members: Mapping[str, str]
    reasons: tuple[str, ...]
    moves: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two versions side by side; samples are sorted by key.

    Attributes:
        same: how many samples are alike to the byte.
        versions: stage -> its version and the checksum of its settings before and after, None where
            they are not known, of stages that were raised or got other settings.
        settings: of the shards stage -> before and after, where they differ.
    """

    added: tuple[Sample, ...]
    removed: tuple[Sample, ...]
    changed: tuple[Change, ...]
    same: int
    versions: Mapping[str, tuple[Any, Any]]
    settings: Mapping[str, tuple[Any, Any]]

    @property
    def reasons(self) -> Counter[str]:
        """How many samples changed for each reason; a sample may have several."""
        return Counter(reason for change in self.changed for reason in change.reasons)


def compare(old: ShardIndex, new: ShardIndex) -> Difference:
    """Compare two versions.

    Raises:
        UsageError: if an index is of a version that has no checksums of members.
        DamagedSampleError: if the json of a changed sample cannot be read.
    """
    before, after = _splits(old), _splits(new)
    members = _changed_members(old, new)
    changed = [key for key in sorted(before.keys() & after.keys()) if key in members]
    first, second = read_statistics(old), read_statistics(new)
    return Difference(
        added=_samples(new, after, without=before),
        removed=_samples(old, before, without=after),
        changed=tuple(_changes(old, new, changed, members)),
        same=len(before.keys() & after.keys()) - len(changed),
        versions=_differing(_versions(first), _versions(second)),
        settings=_differing(_flat(first.get("settings")), _flat(second.get("settings"))),
    )


def _splits(index: ShardIndex) -> dict[str, str]:
    return {key: split for split in index.splits() for key in index.keys(split)}


def _samples(
    index: ShardIndex, splits: Mapping[str, str], *, without: Mapping[str, str]
) -> tuple[Sample, ...]:
    return tuple(
        Sample(key=key, split=splits[key], family=index.family(key), parts=index.part_count(key))
        for key in sorted(splits.keys() - without.keys())
    )


def _changed_members(old: ShardIndex, new: ShardIndex) -> dict[str, dict[str, str]]:
    """Key -> member -> what became of it, of all that differ; joined as tables, not in Python."""
    columns = ("key", "member", "sha256")
    before = read_columns(old, columns)
    after = read_columns(new, columns).rename_columns(["key", "member", "after"])
    both = before.join(after, ["key", "member"], join_type="full outer")
    differ = pc.fill_null(pc.not_equal(both["sha256"], both["after"]), True)
    found: dict[str, dict[str, str]] = {}
    ordered = both.filter(differ).sort_by([("key", "ascending"), ("member", "ascending")])
    for row in ordered.to_pylist():
        found.setdefault(row["key"], {})[row["member"]] = _fate(row["sha256"], row["after"])
    return found


def _fate(before: str | None, after: str | None) -> str:
    if before is None:
        return "added"
    return "removed" if after is None else "changed"


def _changes(
    old: ShardIndex,
    new: ShardIndex,
    keys: Sequence[str],
    members: Mapping[str, Mapping[str, str]],
) -> Iterator[Change]:
    remaining = iter(keys)
    while batch := list(islice(remaining, _AT_ONCE)):
        pairs = zip(_records(old, batch), _records(new, batch), strict=True)
        for key, (before, after) in zip(batch, pairs, strict=True):
            yield Change(
                key=key,
                members=members[key],
                reasons=reasons(before, after, members=members[key]),
                moves=_differing(
                    {name: before.get(name) for name in _MOVES},
                    {name: after.get(name) for name in _MOVES},
                ),
            )


def _records(index: ShardIndex, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    for content in index.read_many(keys, ["json"]):
        if isinstance(content, DamagedSampleError):
            raise content
        yield decode_json(content["json"])


def _versions(statistics: Mapping[str, Any]) -> dict[str, Any]:
    """Stage -> what `statistics.json` says of it."""
    stages = statistics.get("stages")
    return dict(stages) if isinstance(stages, Mapping) else {}


def _flat(settings: Any, start: str = "") -> dict[str, Any]:
    """Nested settings by their dotted names."""
    if not isinstance(settings, Mapping):
        return {start: settings} if start else {}
    found: dict[str, Any] = {}
    for name, value in settings.items():
        found.update(_flat(value, f"{start}.{name}" if start else str(name)))
    return found


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        name: (before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }
