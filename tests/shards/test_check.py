from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shards.check import Flaw, check
from shards.reader import ShardIndex
from tests.shards.made_shards import make_sample, write_shards


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    samples = {f"o{n}": make_sample(f"o{n}", {"big.bin": bytes(3000)}) for n in range(4)}
    return write_shards(tmp_path / "set", samples)


def flaws(shards: Path) -> list[Flaw]:
    return list(check(ShardIndex(str(shards))))


def flip(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def test_a_sound_set_has_no_flaws(shards: Path) -> None:
    assert flaws(shards) == []


def test_any_flipped_bit_is_found_and_named(shards: Path) -> None:
    index = ShardIndex(str(shards))
    for key in ("o0", "o3"):
        for member in index.members(key):
            place = index.locate(key, member)
            path = shards / place.shard
            for byte in {place.offset, place.offset + place.size // 2, place.stop - 1}:
                flip(path, byte)
                found = flaws(shards)
                assert [(f.file, f.sample, f.member) for f in found] == [
                    (place.shard, key, member), (place.shard, "", ""),
                ]  # fmt: skip
                assert "CRC-32" in found[0].message
                flip(path, byte)
    assert flaws(shards) == []


def test_a_flipped_bit_between_members_is_found(shards: Path) -> None:
    flip(shards / "train-000000.tar", 7)
    (found,) = flaws(shards)
    assert (found.file, found.sample) == ("train-000000.tar", "")
    assert "between its members" in found.message


def test_a_cut_shard_names_the_samples_that_are_lost(shards: Path) -> None:
    place = ShardIndex(str(shards)).locate("o1", "json")
    path = shards / place.shard
    path.write_bytes(path.read_bytes()[: place.offset + 3])
    found = flaws(shards)
    assert {flaw.sample for flaw in found} == {"o1", ""}
    assert "ends at byte" in found[0].message
    assert "the index has" in found[-1].message


def test_a_missing_shard_is_one_flaw(shards: Path) -> None:
    (shards / "train-000001.tar").unlink()
    (found,) = flaws(shards)
    assert found == Flaw(file="train-000001.tar", message="it is not there, nor its 2 samples")


def test_bytes_behind_the_end_are_found(shards: Path) -> None:
    path = shards / "train-000001.tar"
    path.write_bytes(path.read_bytes() + b"x")
    (found,) = flaws(shards)
    assert found.file == path.name


def test_tables_are_held_against_croissant(shards: Path) -> None:
    flip(shards / "ATTRIBUTION.parquet", 40)
    (found,) = flaws(shards)
    assert found.file == "ATTRIBUTION.parquet"
    (shards / "ATTRIBUTION.parquet").unlink()
    assert "not there" in flaws(shards)[0].message
    (shards / "croissant.json").write_text(json.dumps({"distribution": 3}))
    assert flaws(shards)[0].file == "croissant.json"
    (shards / "croissant.json").unlink()
    assert flaws(shards) == []


def test_an_index_that_lies_about_places_is_found(shards: Path) -> None:
    table = pq.read_table(shards / "index.parquet")
    offsets = table["offset"].to_pylist()
    offsets[1] = offsets[0] + 1
    column = table.column_names.index("offset")
    pq.write_table(table.set_column(column, "offset", pa.array(offsets)), shards / "index.parquet")
    found = flaws(shards)
    assert any("inside the member before" in flaw.message for flaw in found)
