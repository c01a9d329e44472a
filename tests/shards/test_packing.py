from __future__ import annotations

import hashlib
import json
import zlib
from pathlib import Path

import pytest
import webdataset

from partworks import layout
from partworks.errors import Failed
from partworks.store import Store
from shards import tar
from shards.manifest import Entry, plan_digest
from shards.packing import pack_shard, place, read_record, unplace
from shards.record import to_json
from tests.shards.packed import sample

UIDS = ("a", "b-c", "d_0")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(str(tmp_path))
    for uid in UIDS:
        store.write(layout.sample(uid), sample(uid))
    return store


def entry(uid: str, *, split: str = "val", family: str = "a") -> Entry:
    data = sample(uid)
    sha256 = hashlib.sha256(data).hexdigest()
    return Entry(uid=uid, sha256=sha256, size=len(data), split=split, family=family)


def test_a_shard_has_its_samples_and_what_they_did_not_know(store: Store, tmp_path: Path) -> None:
    data, manifest = pack_shard([entry(uid) for uid in UIDS], store=store)
    path = tmp_path / "shard.tar"
    path.write_bytes(data)
    samples = list(webdataset.WebDataset(str(path), shardshuffle=False))
    assert [each["__key__"] for each in samples] == list(UIDS)
    for each in samples:
        record = json.loads(each["json"])
        assert (record["split"], record["family"]) == ("val", "a")
        before = dict(_members(sample(each["__key__"])))
        assert each["points.npz"] == before[f"{each['__key__']}.points.npz"]
        assert unplace(each["json"]) == before[f"{each['__key__']}.json"]
    assert manifest.sha256 == hashlib.sha256(data).hexdigest()
    assert manifest.size == len(data)
    assert manifest.plan == plan_digest([entry(uid) for uid in UIDS])


def _members(data: bytes) -> list[tuple[str, bytes]]:
    return [(m.name, data[m.offset : m.offset + m.size]) for m in tar.members(data)]


def test_the_manifest_says_where_members_lie(store: Store) -> None:
    data, manifest = pack_shard([entry(uid) for uid in UIDS], store=store)
    told = []
    for each in manifest.samples:
        assert each.sample_sha256 == entry(each.key).sha256
        for member in each.members:
            content = data[member.offset : member.offset + member.size]
            assert member.crc32 == zlib.crc32(content)
            assert member.sha256 == hashlib.sha256(content).hexdigest()
            told.append((f"{each.key}.{member.member}", content))
    assert told == _members(data)


def test_a_record_is_read_without_the_rest(store: Store) -> None:
    assert read_record("b-c", store)["attribution"] == "maker of b-c"
    store.write(layout.sample("a"), tar.pack({"a.points.npz": b"x"}))
    with pytest.raises(Failed, match=r"a\.json"):
        read_record("a", store)


def test_a_sample_with_another_checksum_is_refused(store: Store) -> None:
    store.write(layout.sample("a"), sample("a", change="yes"))
    with pytest.raises(Failed, match="run the shards stage for a again"):
        pack_shard([entry("a")], store=store)


def test_taking_out_undoes_putting_in() -> None:
    content = to_json({"uid": "ä", "numbers": [0.1, 1e-300, 5], "none": None, "parts": []})
    placed = place(content, split="test", family="b")
    assert json.loads(placed) == {**json.loads(content), "split": "test", "family": "b"}
    assert unplace(placed) == content


@pytest.mark.parametrize(
    "other",
    [
        [entry("a"), entry("b-c", split="test")],
        [entry("a"), entry("b-c", family="b-c")],
        [entry("b-c"), entry("a")],
        [entry("a")],
    ],
)
def test_another_plan_has_another_digest(other: list[Entry]) -> None:
    assert plan_digest(other) != plan_digest([entry("a"), entry("b-c")])
