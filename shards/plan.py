"""Which sample goes to which shard: families, then splits, then buckets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shards.buckets import bucket_count, bucket_of, uid_hashes
from shards.families import FamilyFacts, families
from shards.manifest import Entry
from shards.split import SPLITS, SplitShares, assign_splits


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A sample that is to be packed.

    Attributes:
        sha256, size: of its own tar, as the ledger has them.
        facts: what decides its family.
    """

    sha256: str
    size: int
    facts: FamilyFacts

    @property
    def uid(self) -> str:
        """The object."""
        return self.facts.uid


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardPlan:
    """A shard to be made: its file name and its samples, in uid order."""

    name: str
    entries: tuple[Entry, ...]


def plan_shards(
    sources: Sequence[Source], *, earlier: Mapping[str, str], shares: SplitShares, target: int
) -> list[ShardPlan]:
    """The shards of a data set, split by split, and in each by number.

    It is a function of the set of the samples, their earlier splits (uid -> split), the shares and
    the target size in bytes. In which order samples came does not matter.
    """
    ordered = sorted(sources, key=lambda source: source.uid)
    kin = families([source.facts for source in ordered])
    family = {source.uid: each for source, each in zip(ordered, kin, strict=True)}
    splits = assign_splits(family, earlier=earlier, shares=shares)
    entries = [
        Entry(
            uid=source.uid,
            sha256=source.sha256,
            size=source.size,
            split=splits[source.uid],
            family=family[source.uid],
        )
        for source in ordered
    ]
    return [
        ShardPlan(name=f"{split}-{number:06d}.tar", entries=tuple(chosen))
        for split in SPLITS
        for number, chosen in enumerate(
            _buckets([entry for entry in entries if entry.split == split], target=target)
        )
    ]


def _buckets(entries: Sequence[Entry], *, target: int) -> Iterator[list[Entry]]:
    """The entries of each bucket, in the order they have; no bucket is empty."""
    if not entries:
        return
    hashes = uid_hashes([entry.uid for entry in entries])
    count = bucket_count(hashes, total=sum(entry.size for entry in entries), target=target)
    filled: list[list[Entry]] = [[] for _ in range(count)]
    for entry, bucket in zip(entries, bucket_of(hashes, count).tolist(), strict=True):
        filled[bucket].append(entry)
    yield from filled
