from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partworks import layout
from partworks.errors import Failed
from shards.dataset import build_dataset
from shards.shelf import manifest_path
from tests.shards.packed import CONFIG, Engine, LoggedStore, again

UIDS = [f"obj{number:02d}" for number in range(40)]
CARD = {
    ".gitattributes", "ATTRIBUTION.parquet", "LICENSE.md", "README.md", "croissant.json",
    "index.parquet", "statistics.json",
}  # fmt: skip


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = Engine(LoggedStore(str(tmp_path / "root")))
    engine.add(*UIDS)
    return engine


@pytest.fixture
def quick_card() -> Iterator[None]:
    """A card without pictures, for tests that make many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shards.dataset.card_files", lambda card, **_: [("README.md", b"a card")])
        yield


def rows(engine: Engine, name: str) -> list[dict[str, Any]]:
    return pq.read_table(io.BytesIO(engine.store.read(f"shards/{name}"))).to_pylist()


def tars(paths: list[str]) -> set[str]:
    return {path.removeprefix("shards/") for path in paths if path.endswith(".tar")}


def shard_of(engine: Engine) -> dict[str, str]:
    return {row["key"]: row["shard"] for row in rows(engine, "index.parquet")}


def test_every_object_is_in_the_shards_of_its_split_once(engine: Engine) -> None:
    engine.finish()
    found = []
    for name in sorted(tars(engine.written)):
        with tarfile.open(fileobj=io.BytesIO(engine.store.read(f"shards/{name}"))) as archive:
            keys = list(dict.fromkeys(member.split(".")[0] for member in archive.getnames()))
            assert keys and keys == sorted(keys), "no shard is empty"
            for key in keys:
                record = json.load(archive.extractfile(f"{key}.json"))  # type: ignore[arg-type]
                assert record["split"] == name.split("-")[0]
                assert record["family"] == key
            found += keys
    assert sorted(found) == UIDS
    assert len({name.split("-")[0] for name in tars(engine.written)}) == 3


def test_shards_are_numbered_without_a_gap_and_near_their_size(engine: Engine) -> None:
    engine.finish()
    names = tars(engine.written)
    for split in ("train", "val", "test"):
        of_split = sorted(name for name in names if name.startswith(split))
        assert of_split == [f"{split}-{number:06d}.tar" for number in range(len(of_split))]
        sizes = [engine.store.size(f"shards/{name}") for name in of_split]
        # Few samples leave buckets empty by chance, and then there are fewer.
        assert sum(sizes) / len(sizes) < (1.3 if split == "train" else 2.5) * 10_000
    assert len(names) > 6


def test_a_sample_larger_than_a_shard_is_packed_all_the_same(engine: Engine) -> None:
    engine.config = dataclasses.replace(CONFIG, shard_mb=1e-6)
    engine.finish()
    assert len(shard_of(engine)) == len(UIDS)
    assert all(rows(engine, "index.parquet"))


def test_the_index_finds_every_member(engine: Engine) -> None:
    engine.finish()
    index = rows(engine, "index.parquet")
    assert len(index) == 2 * len(UIDS)
    for row in index:
        data = engine.store.read(f"shards/{row['shard']}")
        assert row["shard_sha256"] == hashlib.sha256(data).hexdigest()
        assert row["shard_size"] == len(data)
        content = data[row["offset"] : row["offset"] + row["size"]]
        assert row["sha256"] == hashlib.sha256(content).hexdigest()
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            stored = archive.extractfile(f"{row['key']}.{row['member']}")
            assert stored is not None and stored.read() == content


def test_the_same_bytes_in_another_order_and_another_root(engine: Engine, tmp_path: Path) -> None:
    engine.finish()
    other = again(engine, str(tmp_path / "other"))
    other.finish(order=UIDS[::-1])
    assert other.contents() == engine.contents()


def test_a_second_run_writes_no_shard_and_reads_none(engine: Engine) -> None:
    engine.finish()
    before = engine.contents()
    engine.finish()
    assert not any("manifests" in path or path.endswith(".tar") for path in engine.written)
    assert len(tars(engine.kept)) == len(set(shard_of(engine).values()))
    assert not [path for path in engine.store.reads if path.endswith(".tar")]
    assert engine.contents() == before


def test_what_is_added_rewrites_what_it_touches(engine: Engine, tmp_path: Path) -> None:
    engine.finish()
    before = shard_of(engine)
    engine.add("new1", "new2")
    engine.finish()
    after = shard_of(engine)
    touched = {after["new1"], after["new2"]}
    for uid, shard in before.items():
        if after[uid] != shard:  # its bucket was split
            touched |= {shard, after[uid]}
    assert tars(engine.written) == touched
    assert 0 < len(touched) < len(set(after.values())) / 2
    read = {path for path in engine.store.reads if path.startswith("samples/")}
    assert read == {layout.sample(uid) for uid, shard in after.items() if shard in touched}
    fresh = again(engine, str(tmp_path / "at-once"))
    fresh.finish()
    assert fresh.contents() == engine.contents(), "in two steps as at once"


@pytest.mark.usefixtures("quick_card")
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_steps_lead_to_the_same_bytes(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """As long as no newcomer is kin of families that lie in different splits already."""
    folder = tmp_path_factory.mktemp("steps")
    chosen = data.draw(st.lists(st.sampled_from(UIDS), unique=True, min_size=2, max_size=25))
    steps = Engine(LoggedStore(str(folder / "steps")))
    while chosen:
        count = data.draw(st.integers(1, len(chosen)))
        steps.add(*chosen[:count])
        chosen = chosen[count:]
        steps.finish()
    once = again(steps, str(folder / "once"))
    once.finish()
    assert steps.contents() == once.contents()


def test_a_takedown_rewrites_one_shard(engine: Engine) -> None:
    engine.finish()
    before = shard_of(engine)
    sizes: dict[str, int] = {}
    for shard in before.values():
        sizes[shard] = sizes.get(shard, 0) + 1
    gone = next(uid for uid, shard in before.items() if sizes[shard] > 2)
    engine.remove(gone)
    engine.finish()
    assert tars(engine.written) == {before[gone]}
    everything = b"".join(engine.store.read(path) for path in engine.store.list("shards"))
    assert gone.encode() not in everything


def test_a_changed_sample_rewrites_its_shard(engine: Engine, tmp_path: Path) -> None:
    engine.finish()
    engine.add(UIDS[7], change="other bytes")
    engine.finish()
    assert tars(engine.written) == {shard_of(engine)[UIDS[7]]}
    fresh = again(engine, str(tmp_path / "fresh"))
    fresh.finish()
    assert fresh.contents() == engine.contents()


@pytest.mark.usefixtures("quick_card")
@pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.slow)])
def test_a_kill_between_any_two_files(tmp_path: Path, step: int) -> None:
    """Then the same set, or the set of before, or another: each leaves the bytes of a calm run."""
    few, many = UIDS[:12], UIDS[:20]
    calm = {}
    for uids in (few, many):
        engine = Engine(LoggedStore(str(tmp_path / f"calm{len(uids)}")))
        engine.add(*uids)
        engine.finish()
        calm[len(uids)] = engine.contents()
    writes = len(engine.written)
    for stop in range(0, writes + 2, step):
        for first, then in ((few, many), (many, few), ([], many), ([], few)):
            engine = Engine(LoggedStore(str(tmp_path / f"killed{stop}{len(first)}{len(then)}")))
            engine.add(*first)
            engine.finish()
            engine.add(*sorted({*many} - {*first}))
            engine.remove(*sorted({*engine.done} - {*(many if then is many else few)}))
            engine.finish(stop_after=stop)
            engine.add(*sorted({*then} - {*engine.done}))
            engine.finish()
            assert engine.contents() == calm[len(then)]
            engine.add(*sorted({*many} - {*engine.done}))
            engine.finish(stop_after=stop)
            engine.remove(*sorted({*many} - {*few}))
            engine.finish()
            assert engine.contents() == calm[len(few)]


def test_a_kill_loses_one_shard_at_the_most(engine: Engine) -> None:
    engine.finish(stop_after=7)
    whole = {path for path in engine.written if path.endswith(".parquet")}
    engine.finish()
    assert len(whole) == 3
    assert {path for path in engine.kept if path.endswith(".parquet")} == whole


@pytest.mark.parametrize("damage", ["cut", "gone", "no manifest", "bad manifest"])
def test_what_is_not_whole_is_made_again(engine: Engine, damage: str) -> None:
    engine.finish()
    before = engine.contents()
    shard, beside = "shards/train-000001.tar", manifest_path("train-000001.tar")
    if damage == "cut":
        engine.store.write(shard, engine.store.read(shard)[:-512])
    elif damage == "gone":
        engine.store.delete(shard)
    elif damage == "no manifest":
        engine.store.delete(beside)
    else:
        engine.store.write(beside, engine.store.read(beside)[:-100])
    engine.finish()
    assert tars(engine.written) == {"train-000001.tar"}
    assert engine.contents() == before


def test_a_family_goes_together(engine: Engine) -> None:
    kin = [f"kin{number}" for number in range(12)]
    series = [f"chair{number}" for number in range(12)]
    engine.add(*kin, kin="one")
    for number, uid in enumerate(series):
        engine.add(uid, creator="Ann", name=f"Chair {number}")
    engine.finish()
    for group in (kin, series):
        records = [engine.record(uid) for uid in group]
        assert {record["family"] for record in records} == {min(group)}
        assert len({record["split"] for record in records}) == 1


def test_an_earlier_split_stands_and_a_leak_is_told(engine: Engine) -> None:
    engine.finish()
    before = engine.splits()
    trained = next(uid for uid, split in before.items() if split == "train")
    tested = next(uid for uid, split in before.items() if split == "test")
    engine.add(trained, kin="both", change="now of a known shape")
    engine.add(tested, kin="both", change="now of a known shape")
    engine.add("newcomer", kin="both")
    engine.finish()
    after = engine.splits()
    assert {uid: after[uid] for uid in before} == before
    assert after["newcomer"] == "test", "the split that is held out most"
    card = engine.store.read("shards/README.md").decode()
    family = min(trained, tested, "newcomer")
    assert "Leaks" in card and family in card
    statistics = json.loads(engine.store.read("shards/statistics.json"))
    assert sorted(statistics["leaks"]) == [family]


def test_a_family_whose_first_member_is_new_keeps_its_split(engine: Engine) -> None:
    """The smallest uid names the family, and another name would draw another split."""
    engine.add("z-old", kin="kin")
    engine.finish()
    before = engine.splits()["z-old"]
    newcomers = [f"a{number}" for number in range(9)]
    engine.add(*newcomers, kin="kin")
    engine.finish()
    assert {engine.splits()[uid] for uid in ["z-old", *newcomers]} == {before}
    assert engine.record("z-old")["family"] == "a0"


def test_other_shares_draw_all_splits_anew(engine: Engine, tmp_path: Path) -> None:
    engine.finish()
    fresh = again(engine, str(tmp_path / "fresh"))
    for each in (engine, fresh):
        each.config = dataclasses.replace(CONFIG, val_share=0.1, test_share=0.5)
        each.finish()
    assert engine.contents() == fresh.contents()


def test_attributions_name_every_object(engine: Engine) -> None:
    engine.finish()
    table = rows(engine, "ATTRIBUTION.parquet")
    assert sorted(row["uid"] for row in table) == UIDS
    assert {row["attribution"] for row in table} == {f"maker of {uid}" for uid in UIDS}


def test_croissant_and_card_speak_of_the_files_that_are_there(engine: Engine) -> None:
    engine.finish()
    engine.add("one-more")
    engine.finish()
    description = json.loads(engine.store.read("shards/croissant.json"))
    listed = {
        file["contentUrl"]: file["sha256"]
        for file in description["distribution"]
        if "sha256" in file
    }
    there = {
        path.removeprefix("shards/"): sha256
        for path, sha256 in engine.contents().items()
        if path.endswith((".tar", ".parquet")) and "manifests" not in path
    }
    assert listed == there
    assert json.loads(engine.store.read("shards/statistics.json"))["all"]["objects"] == 41


def test_a_changed_sample_on_disk_is_not_packed(engine: Engine) -> None:
    path = layout.sample(UIDS[3])
    data = bytearray(engine.store.read(path))
    data[-2000] ^= 1
    engine.store.write(path, bytes(data))
    with pytest.raises(Failed, match="sample_changed"):
        engine.finish()


def test_an_empty_data_set_has_tables_and_a_card(tmp_path: Path) -> None:
    engine = Engine(LoggedStore(str(tmp_path)))
    engine.finish()
    assert {path.removeprefix("shards/") for path in engine.written} >= CARD
    assert rows(engine, "index.parquet") == []


def test_one_shard_at_a_time(engine: Engine) -> None:
    """The samples of a later shard must not be read before an earlier one is written."""
    done = list(engine.done.values())
    made = build_dataset(done, store=engine.store, config=CONFIG, version=3)
    first, _ = next(made)
    read = {path for path in engine.store.reads if path.startswith("samples/")}
    next(made)
    assert first == "shards/train-000000.tar"
    assert 0 < len(read) < len(UIDS) / 3
