from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from shards.reader import DamagedSampleError, Points, ShardIndex, ShardsNotFoundError
from tests.shards.reader_set import MEMBERS, cut, flip_bit, key_of, sample, write_set


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_set(tmp_path_factory.mktemp("sound"), val=2)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return write_set(tmp_path)


def test_splits_keys_and_families(sound: Path) -> None:
    index = ShardIndex(str(sound))
    assert index.splits() == ("train", "val")
    assert index.keys("train") == tuple(key_of(number) for number in range(12))
    assert index.keys("val") == ("s012", "s013")
    assert index.keys("nonsense") == ()
    assert index.family("s006") == index.family("s007") == "family 3"
    assert (index.part_count("s003"), index.shard("s005")) == (3, "train-000001.tar")


def test_members_are_what_was_written(sound: Path) -> None:
    index = ShardIndex(str(sound))
    for number in range(14):
        assert index.read(key_of(number), ["*"]) == sample(number)


def test_members_come_by_name_and_pattern_in_the_order_asked(sound: Path) -> None:
    index = ShardIndex(str(sound))
    assert index.members("s001") == MEMBERS
    asked = ["points.npz", "object.*.webp", "part*.webp", "object.00.webp"]
    expected = ("points.npz", "object.00.webp", "object.01.webp")
    assert index.match("s001", asked) == tuple(index.read("s001", asked)) == expected
    with pytest.raises(KeyError, match=r"s001 has no member 'field.npz'; it has json, object"):
        index.read("s001", ["field.npz"])


def test_decoding_names_what_it_makes(sound: Path) -> None:
    values = ShardIndex(str(sound)).decode("s004", ["json", "points.npz", "object.01.webp"])
    assert values["json"] == {"number": 4}
    assert isinstance(values["points.npz"], Points)
    assert np.all(values["object.01.webp"] == 4)


def test_many_samples_at_once_are_the_same(sound: Path) -> None:
    index = ShardIndex(str(sound))
    keys = ["s009", "s000", "s004", "s001"]
    assert index.read_many(keys, ["*"]) == [index.read(key, ["*"]) for key in keys]


@pytest.mark.parametrize("member", MEMBERS)
def test_one_flipped_bit_is_found_and_named(own: Path, member: str) -> None:
    index = ShardIndex(str(own))
    place = index.locate("s006", member)
    flip_bit(own / place.shard, place.offset + place.size // 2)
    with pytest.raises(DamagedSampleError, match="CRC-32") as caught:
        index.read("s006", ["*"])
    error = caught.value
    assert (error.shard, error.sample, error.member) == ("train-000001.tar", "s006", member)
    assert all(word in str(error) for word in ("train-000001.tar", "s006", member, "again"))
    others = [name for name in MEMBERS if name != member]
    assert set(index.read("s006", others)) == set(others)


def test_a_flipped_bit_of_a_tar_header_harms_nothing(own: Path) -> None:
    index = ShardIndex(str(own))
    place = index.locate("s006", "json")
    flip_bit(own / place.shard, place.offset - 512 + 100)
    assert not list(index.damaged("train"))


def test_checksums_can_be_left_out(own: Path) -> None:
    index = ShardIndex(str(own), check="none")
    place = index.locate("s006", "points.npz")
    flip_bit(own / place.shard, place.offset + 200)
    assert index.read("s006", ["points.npz"])["points.npz"] != sample(6)["points.npz"]
    assert not index.checks


def test_a_shorter_shard_loses_its_last_samples_alone(own: Path) -> None:
    index = ShardIndex(str(own))
    place = index.locate("s007", "points.npz")
    cut(own / place.shard, place.offset + 5)
    damaged = list(index.damaged("train"))
    assert [error.sample for error in damaged] == ["s007", "s008"]
    assert [error.member for error in damaged] == ["points.npz", "json"]
    assert "it is cut off, or not the file that the index was made for" in str(damaged[0])


def test_a_missing_shard_loses_its_samples_alone(own: Path) -> None:
    (own / "train-000001.tar").unlink()
    damaged = list(ShardIndex(str(own)).damaged("train"))
    assert [error.sample for error in damaged] == ["s005", "s006", "s007", "s008"]
    assert all("train-000001.tar is not there" in str(error) for error in damaged)


def test_bytes_that_were_wrong_from_the_start_are_damage_too(own: Path) -> None:
    table = pq.read_table(own / "index.parquet")
    names = [name.replace("object.00.webp", "grid.npz") for name in table["member"].to_pylist()]
    column = table.column_names.index("member")
    pq.write_table(table.set_column(column, "member", [names]), own / "index.parquet")
    index = ShardIndex(str(own))
    with pytest.raises(DamagedSampleError, match=r"grid\.npz of sample s003 cannot be decoded"):
        index.decode("s003", ["grid.npz"])


def test_an_index_without_checksums_and_families_is_read(own: Path) -> None:
    """As those of format 1 are."""
    table = pq.read_table(own / "index.parquet").drop_columns(["crc32", "family"])
    pq.write_table(table, own / "index.parquet")
    index = ShardIndex(str(own))
    assert not index.checks
    assert index.family("s006") == "s006"
    assert index.read("s006", ["*"]) == sample(6)


def test_other_processes_read_through_it(sound: Path) -> None:
    index = ShardIndex(str(sound))
    keys = index.keys("train")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        there = list(pool.map(index.read, keys, [["*"]] * len(keys)))
    assert there == [index.read(key, ["*"]) for key in keys]


def test_forked_processes_do_not_share_what_is_open(sound: Path) -> None:
    index = ShardIndex(str(sound))
    here = index.read("s000", ["*"])
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        assert list(pool.map(index.read, ["s000"] * 4, [["*"]] * 4)) == [here] * 4
    assert index.read("s000", ["*"]) == here


def test_more_shards_than_files_may_be_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shards.reader.files.OPEN_FILES", 2)
    index = ShardIndex(str(write_set(tmp_path, shards=(1,) * 6)))
    for _ in range(2):
        for number in range(6):
            assert index.read(key_of(number), ["*"]) == sample(number)
    assert len(index._files._descriptors) == 2


@pytest.mark.parametrize("folder", ["", "shards"])
def test_no_shards_says_what_to_do(tmp_path: Path, folder: str) -> None:
    Path(tmp_path, "shards").mkdir()
    with pytest.raises(ShardsNotFoundError, match="partworks run --root"):
        ShardIndex(str(tmp_path / folder))


def test_an_unknown_kind_of_url_says_so() -> None:
    with pytest.raises(ShardsNotFoundError, match="fsspec"):
        ShardIndex("nonsense://bucket/root")


def test_a_broken_index_says_so(own: Path) -> None:
    cut(own / "index.parquet", 300)
    with pytest.raises(ValueError, match=r"index\.parquet cannot be read .*; fetch it again"):
        ShardIndex(str(own))


def test_another_table_is_no_index(own: Path) -> None:
    table = pq.read_table(own / "index.parquet").drop_columns(["offset", "size"])
    pq.write_table(table, own / "index.parquet")
    with pytest.raises(ValueError, match="it has no column offset, size"):
        ShardIndex(str(own))


def test_rows_of_a_sample_in_two_places_are_refused(own: Path) -> None:
    table = pq.read_table(own / "index.parquet")
    order = [*range(1, table.num_rows), 0]
    pq.write_table(table.take(order), own / "index.parquet")
    with pytest.raises(ValueError, match="several places"):
        ShardIndex(str(own))


def test_an_empty_index_has_no_samples(own: Path) -> None:
    pq.write_table(pq.read_table(own / "index.parquet").slice(0, 0), own / "index.parquet")
    index = ShardIndex(str(own))
    assert (index.splits(), index.keys("train")) == ((), ())
