from __future__ import annotations

from pathlib import Path

import pytest

from partworks import layout
from partworks.store import Store
from shards.manifest import Entry
from shards.packing import pack_shard
from shards.plan import ShardPlan
from shards.shelf import Shelf, family_facts, leftovers
from tests.shards.packed import LoggedStore, attempt, sample


@pytest.fixture
def store(tmp_path: Path) -> LoggedStore:
    return LoggedStore(str(tmp_path))


def planned(store: Store, *uids: str) -> ShardPlan:
    entries = []
    for uid in uids:
        data = sample(uid, creator="Ann")
        store.write(layout.sample(uid), data)
        (output,) = attempt(uid, data).outputs
        entries.append(
            Entry(uid=uid, sha256=output.sha256, size=output.size, split="train", family=uid)
        )
    return ShardPlan(name="train-000000.tar", entries=tuple(entries))


def shelve(store: Store, plan: ShardPlan) -> None:
    data, manifest = pack_shard(plan.entries, store=store)
    shard, beside = Shelf.paths(plan.name)
    store.write(shard, data)
    store.write(beside, manifest.to_bytes())


def test_the_planned_shard_is_found(store: LoggedStore) -> None:
    plan = planned(store, "a", "b")
    assert Shelf(store).find(plan) is None
    shelve(store, plan)
    found = Shelf(store).find(plan)
    assert found is not None and [each.key for each in found.samples] == ["a", "b"]
    assert Shelf(store).find(planned(store, "a")) is None


def test_an_emptied_manifest_finds_nothing(store: LoggedStore) -> None:
    plan = planned(store, "a")
    shelve(store, plan)
    _, beside = Shelf.paths(plan.name)
    store.write(beside, b"")
    shelf = Shelf(store)
    assert shelf.has(beside) and shelf.find(plan) is None


def test_facts_come_from_the_manifest_where_the_sample_is_the_same(store: LoggedStore) -> None:
    plan = planned(store, "a")
    shelve(store, plan)
    shelf = Shelf(store)
    store.delete(layout.sample("a"))
    facts = shelf.family_facts("a", sample_sha256=plan.entries[0].sha256)
    assert (facts.uid, facts.creator, facts.name, len(facts.shape)) == ("a", "Ann", "the a", 18)
    with pytest.raises(FileNotFoundError):
        shelf.family_facts("a", sample_sha256="another")


def test_an_old_record_has_no_facts() -> None:
    facts = family_facts("a", {})
    assert (facts.uid, facts.creator, facts.name, facts.shape) == ("a", "", "", ())


def test_leftovers_are_ours_alone(store: LoggedStore) -> None:
    ours = ["shards/manifests/val-000001.parquet", "shards/test-000000.tar"]
    for path in (*ours, "shards/.git/config", "shards/mine.tar", "samples/a/train-000000.tar"):
        store.write(path, b"")
    assert sorted(leftovers(store)) == ours
