from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from partworks.errors import UsageError
from shards.diff import Difference, Sample, compare
from shards.reader import DamagedSampleError, ShardIndex
from tests.shards.made_shards import make_sample, write_shards

UIDS = [f"o{n}" for n in range(6)]


@pytest.fixture
def base() -> dict[str, dict[str, bytes]]:
    return {uid: make_sample(uid) for uid in UIDS}


def difference(
    folder: Path,
    old: Mapping[str, Mapping[str, bytes]],
    new: Mapping[str, Mapping[str, bytes]],
    **settings: Any,
) -> Difference:
    first = write_shards(folder / "old", old)
    second = write_shards(folder / "new", new, **settings)
    return compare(ShardIndex(str(first)), ShardIndex(str(second)))


def test_equal_sets_do_not_differ(tmp_path: Path, base: Any) -> None:
    assert difference(tmp_path, base, base) == Difference(
        added=(), removed=(), changed=(), same=6, versions={}, settings={}
    )


def test_another_cut_into_shards_changes_no_sample(tmp_path: Path, base: Any) -> None:
    assert difference(tmp_path, base, base, per_shard=5).same == 6


def test_added_and_removed(tmp_path: Path, base: Any) -> None:
    old = {uid: base[uid] for uid in UIDS[:4]}
    new = {uid: base[uid] for uid in UIDS[1:]} | {"o9": make_sample("o9", split="val", parts=5)}
    found = difference(tmp_path, old, new)
    assert [sample.key for sample in found.added] == ["o4", "o5", "o9"]
    assert found.added[2] == Sample(key="o9", split="val", family="o9", parts=5)
    assert [sample.key for sample in found.removed] == ["o0"]
    assert (found.same, found.changed) == (3, ())


def test_changed_members_and_why(tmp_path: Path, base: Any) -> None:
    pictures = {"object.00.webp": b"other", "object.01.webp": b"new"}
    new = base | {
        "o1": make_sample("o1", {"points.npz": b"other"}),
        "o2": make_sample("o2", pictures),
        "o3": make_sample("o3", split="val", licence="MIT"),
        "o4": {name: data for name, data in base["o4"].items() if name != "object.00.webp"},
    }
    found = difference(tmp_path, base, new)
    assert {change.key: dict(change.members) for change in found.changed} == {
        "o1": {"points.npz": "changed"},
        "o2": {"object.00.webp": "changed", "object.01.webp": "added"},
        "o3": {"json": "changed"},
        "o4": {"object.00.webp": "removed"},
    }
    assert {change.key: change.reasons for change in found.changed} == {
        "o1": ("points",),
        "o2": ("views",),
        "o3": ("split", "licence"),
        "o4": ("views",),
    }
    assert dict(found.changed[2].moves) == {
        "split": ("train", "val"), "licence": ("CC-BY-4.0", "MIT"),
    }  # fmt: skip
    assert found.same == 2
    assert found.reasons == {"points": 1, "views": 2, "split": 1, "licence": 1}


def test_every_sample_is_in_one_count(tmp_path: Path, base: Any) -> None:
    new = {uid: make_sample(uid, name="other") for uid in UIDS[2:5]} | {"o5": base["o5"]}
    found = difference(tmp_path, base, new)
    assert len(found.removed) + len(found.changed) + found.same == 6
    assert len(found.added) + len(found.changed) + found.same == len(new)


def test_the_way_back_swaps_added_and_removed(tmp_path: Path, base: Any) -> None:
    new = {uid: base[uid] for uid in UIDS[1:]} | {"o1": make_sample("o1", split="val")}
    there = difference(tmp_path / "a", base, new)
    back = difference(tmp_path / "b", new, base)
    assert there.removed == back.added
    assert [change.reasons for change in there.changed] == [c.reasons for c in back.changed]


def test_settings_and_versions_are_compared(tmp_path: Path, base: Any) -> None:
    settings = {"preset": "trellis", "points": {"part_points": 9}}
    found = difference(tmp_path, base, base, settings=settings)
    assert found.settings == {
        "preset": ("copart", "trellis"), "points.part_points": (None, 9),
    }  # fmt: skip
    assert list(found.versions) == ["shards"]


def test_a_set_without_statistics_is_compared_all_the_same(tmp_path: Path, base: Any) -> None:
    first = write_shards(tmp_path / "old", base)
    second = write_shards(tmp_path / "new", base)
    (first / "statistics.json").unlink()
    found = compare(ShardIndex(str(first)), ShardIndex(str(second)))
    assert found.same == 6
    assert found.versions["shards"][0] is None


def test_an_index_without_checksums_is_refused(tmp_path: Path, base: Any) -> None:
    first = write_shards(tmp_path / "old", base)
    second = write_shards(tmp_path / "new", base)
    table = pq.read_table(first / "index.parquet")
    pq.write_table(table.drop_columns(["sha256"]), first / "index.parquet")
    with pytest.raises(UsageError, match="no column sha256"):
        compare(ShardIndex(str(first)), ShardIndex(str(second)))


def test_a_damaged_json_is_named(tmp_path: Path, base: Any) -> None:
    first = write_shards(tmp_path / "old", base)
    second = write_shards(tmp_path / "new", base | {"o3": make_sample("o3", split="val")})
    place = ShardIndex(str(second)).locate("o3", "json")
    data = bytearray((second / place.shard).read_bytes())
    data[place.offset] ^= 1
    (second / place.shard).write_bytes(data)
    with pytest.raises(DamagedSampleError, match="o3"):
        compare(ShardIndex(str(first)), ShardIndex(str(second)))


def test_only_the_json_of_changed_samples_is_read(tmp_path: Path, base: Any) -> None:
    first = write_shards(tmp_path / "old", base, per_shard=1)
    second = write_shards(tmp_path / "new", base | {"o0": make_sample("o0", name="x")}, per_shard=1)
    for folder in (first, second):
        for number in range(1, 6):
            (folder / f"train-{number:06d}.tar").unlink()
    found = compare(ShardIndex(str(first)), ShardIndex(str(second)))
    assert json.dumps([change.key for change in found.changed]) == '["o0"]'
