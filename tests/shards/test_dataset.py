from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from partworks.errors import Failed
from partworks.records import Attempt
from partworks.store import Store
from shards.config import ShardsConfig
from shards.split import split_of
from shards.stage import Shards
from tests.shards.made import SMALL, make_object, pack_objects, write_object

UIDS = [f"obj{number}" for number in range(8)]
TINY_SHARDS = dataclasses.replace(SMALL, shard_mb=0.05, val_share=0.25, test_share=0.25)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(str(tmp_path))
    for index, uid in enumerate(UIDS):
        licence = "CC0-1.0" if index else "a|b <script>"
        write_object(store, uid, make_object(uid=uid, licence=licence))
    return store


def finish(
    store: Store, done: Sequence[Attempt], config: ShardsConfig = TINY_SHARDS
) -> dict[str, bytes]:
    return dict(Shards(config, store=store).finish(done))


def rows(data: bytes) -> list[dict[str, Any]]:
    return pq.read_table(io.BytesIO(data)).to_pylist()


def test_every_object_is_in_the_shards_of_its_split_once(store: Store) -> None:
    files = finish(store, pack_objects(store, UIDS, config=TINY_SHARDS))
    tars = {name: data for name, data in files.items() if name.endswith(".tar")}
    found = {}
    for name, data in tars.items():
        split = name.removeprefix("shards/").split("-")[0]
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            names = archive.getnames()
            keys = list(dict.fromkeys(member.split(".")[0] for member in names))
            assert keys == sorted(keys)
            for key in keys:
                record = json.load(archive.extractfile(f"{key}.json"))  # type: ignore[arg-type]
                assert record["split"] == split
                found[key] = name
    assert sorted(found) == UIDS
    assert len({name.split("-")[0] for name in tars}) == 3
    assert sum(name.startswith("shards/train-") for name in tars) > 1


def test_shards_keep_to_their_size(store: Store) -> None:
    files = finish(store, pack_objects(store, UIDS, config=TINY_SHARDS))
    sizes = [len(data) for name, data in files.items() if name.endswith(".tar")]
    assert max(sizes) <= 50_000 + 1024
    alone = dataclasses.replace(TINY_SHARDS, shard_mb=1e-6)
    one_each = finish(store, pack_objects(store, UIDS, config=TINY_SHARDS), alone)
    assert sum(name.endswith(".tar") for name in one_each) == len(UIDS)


def test_the_index_finds_every_member(store: Store) -> None:
    files = finish(store, pack_objects(store, UIDS, config=TINY_SHARDS))
    index = rows(files["shards/index.parquet"])
    assert len(index) == 8 * (3 + 6 + 3)
    for row in index:
        data = files[f"shards/{row['shard']}"]
        assert row["shard_sha256"] == hashlib.sha256(data).hexdigest()
        assert row["shard_size"] == len(data)
        assert row["parts"] == 6
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            content = archive.extractfile(f"{row['key']}.{row['member']}")
            assert content is not None
            assert content.read() == data[row["offset"] : row["offset"] + row["size"]]


def test_all_files_have_the_same_bytes_again(store: Store) -> None:
    first = finish(store, pack_objects(store, UIDS))
    again = finish(store, pack_objects(store, UIDS))
    assert first == again


def test_attributions_name_every_object(store: Store) -> None:
    files = finish(store, pack_objects(store, UIDS))
    table = rows(files["shards/ATTRIBUTION.parquet"])
    assert sorted(row["uid"] for row in table) == UIDS
    assert {row["attribution"] for row in table} == {f"maker of {uid}" for uid in UIDS}
    assert {row["licence"] for row in table} == {"CC0-1.0", "a|b <script>"}


def test_the_card_counts_and_confesses(store: Store) -> None:
    card = finish(store, pack_objects(store, UIDS))["shards/README.md"].decode()
    assert "| all | 8 | 48 |" in card
    assert "| CC0-1.0 | 7 |" in card
    assert "**`captioner: template`** (8 objects)" in card
    assert "**`parts: auto`** (8 objects)" in card
    assert '"field": null' in card


def test_what_strangers_wrote_stays_in_its_cell(store: Store) -> None:
    card = finish(store, pack_objects(store, UIDS))["shards/README.md"].decode()
    assert "| a\\|b &lt;script> | 1 |" in card


def test_a_reviewed_object_is_not_called_a_stand_in(store: Store) -> None:
    made = make_object(uid="obj1")
    write_object(
        store,
        "obj1",
        dataclasses.replace(made, parts=dataclasses.replace(made.parts, source="ann")),
    )
    card = finish(store, pack_objects(store, UIDS))["shards/README.md"].decode()
    assert "| parts | ann | 1 |" in card
    assert "**`parts: auto`** (7 objects)" in card


def test_croissant_names_files_with_checksums(store: Store) -> None:
    config = dataclasses.replace(
        SMALL, name="tables", url="https://data.test", published="2030-01-01"
    )
    files = finish(store, pack_objects(store, UIDS), config)
    description = json.loads(files["shards/croissant.json"])
    assert description["@type"] == "sc:Dataset"
    assert description["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert description["name"] == "tables"
    assert description["url"] == "https://data.test"
    assert description["datePublished"] == "2030-01-01"
    listed = {file["contentUrl"]: file["sha256"] for file in description["distribution"]}
    expected = {
        name.removeprefix("shards/"): hashlib.sha256(data).hexdigest()
        for name, data in files.items()
        if name.endswith((".tar", ".parquet"))
    }
    assert listed == expected
    columns = {
        field["source"]["extract"]["column"] for field in description["recordSet"][0]["field"]
    }
    assert columns < set(pq.read_schema(io.BytesIO(files["shards/index.parquet"])).names)


def test_a_changed_sample_is_not_packed(store: Store) -> None:
    done = pack_objects(store, UIDS)
    path = done[3].outputs[0].path
    data = bytearray(store.read(path))
    data[-2000] ^= 1
    store.write(path, bytes(data))
    with pytest.raises(Failed, match="sample_changed"):
        finish(store, done)


def test_an_empty_data_set_has_tables_and_a_card(store: Store) -> None:
    files = finish(store, [])
    assert sorted(files) == [
        "shards/ATTRIBUTION.parquet", "shards/README.md",
        "shards/croissant.json", "shards/index.parquet",
    ]  # fmt: skip
    assert rows(files["shards/index.parquet"]) == []


def test_one_shard_at_a_time(store: Store) -> None:
    """`finish` must not read the samples of a later shard before an earlier one is written."""
    done = pack_objects(store, UIDS, config=TINY_SHARDS)
    made = iter(Shards(TINY_SHARDS, store=store).finish(done))
    next(made)
    late = next(a for a in done if split_of(a.uid, TINY_SHARDS.shares) == "test")
    store.delete(late.outputs[0].path)
    with pytest.raises(FileNotFoundError, match=late.uid):
        list(made)
