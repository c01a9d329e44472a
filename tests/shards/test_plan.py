from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from shards.families import FamilyFacts
from shards.plan import ShardPlan, Source, plan_shards
from shards.split import SPLITS, SplitShares, split_of

SHARES = SplitShares(val=0.2, test=0.2)
UIDS = [f"{number:03d}" for number in range(60)]
some = st.lists(st.sampled_from(UIDS), unique=True)


def source(uid: str, *, size: int = 100) -> Source:
    return Source(sha256=f"sum of {uid}", size=size, facts=FamilyFacts(uid=uid))


def plan(uids: list[str], *, earlier: dict[str, str] | None = None) -> list[ShardPlan]:
    sources = [source(uid) for uid in uids]
    return plan_shards(sources, earlier=earlier or {}, shares=SHARES, target=400)


@given(some)
def test_every_sample_is_planned_once(uids: list[str]) -> None:
    plans = plan(uids)
    entries = [entry for each in plans for entry in each.entries]
    assert sorted(entry.uid for entry in entries) == sorted(uids)
    for each in plans:
        assert each.entries, "no shard is empty"
        assert [entry.uid for entry in each.entries] == sorted(entry.uid for entry in each.entries)
        assert {each.name.split("-")[0]} == {entry.split for entry in each.entries}
    for entry in entries:
        assert (entry.split, entry.family) == (split_of(entry.uid, SHARES), entry.uid)
        assert (entry.sha256, entry.size) == (f"sum of {entry.uid}", 100)


@given(some)
def test_names_are_numbered_split_by_split(uids: list[str]) -> None:
    names = [each.name for each in plan(uids)]
    counts = {split: sum(name.startswith(f"{split}-") for name in names) for split in SPLITS}
    assert names == [
        f"{split}-{number:06d}.tar" for split in SPLITS for number in range(counts[split])
    ]


@given(some)
def test_the_order_does_not_matter(uids: list[str]) -> None:
    assert plan(uids) == plan(uids[::-1])


@settings(max_examples=50)
@given(some, some)
def test_shards_that_nothing_was_added_to_and_none_taken_from_stay(
    before: list[str], added: list[str]
) -> None:
    old = {each.name: each.entries for each in plan(before)}
    new = {each.name: each.entries for each in plan(sorted({*before, *added}))}
    assert old.keys() <= new.keys(), "a shard never goes when data grows"
    place = {entry.uid: name for name, entries in new.items() for entry in entries}
    moved = {uid.uid for name, entries in old.items() for uid in entries if place[uid.uid] != name}
    hit = {place[uid] for uid in added if uid not in before}
    for name, entries in old.items():
        if name not in hit and not moved & {entry.uid for entry in entries}:
            assert new[name] == entries


def test_an_earlier_split_is_kept() -> None:
    other = {uid: "test" if split_of(uid, SHARES) == "train" else "train" for uid in UIDS}
    entries = [entry for each in plan(UIDS, earlier=other) for entry in each.entries]
    assert {entry.uid: entry.split for entry in entries} == other
