from __future__ import annotations

from itertools import chain, islice
from pathlib import Path

import numpy as np
import pytest

from shards.reader import (
    DamagedSampleError,
    DamageLog,
    Draw,
    Draws,
    ShardDataset,
    ShardIndex,
    StepBatches,
)
from tests.shards.reader_set import cut, flip_bit, key_of, sample, write_set


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_set(tmp_path)


def dataset(folder: Path, **settings: object) -> ShardDataset:
    return ShardDataset(
        ShardIndex(str(folder)), split="train", members=("json",), **settings  # type: ignore[arg-type]
    )  # fmt: skip


def damage(folder: Path, key: str) -> None:
    place = ShardIndex(str(folder)).locate(key, "json")
    flip_bit(folder / place.shard, place.offset)


def test_a_split_is_a_sequence(folder: Path) -> None:
    samples = dataset(folder)
    assert len(samples) == 12
    assert [samples[number]["__key__"] for number in (6, 0, -1)] == ["s006", "s000", "s011"]
    assert samples[3] == {"__key__": "s003", "json": sample(3)["json"]}
    assert [item["__key__"] for item in samples] == list(samples.keys)  # type: ignore[attr-defined]
    with pytest.raises(IndexError):
        samples[12]


def test_values_rather_than_bytes(folder: Path) -> None:
    samples = ShardDataset(
        ShardIndex(str(folder)), split="train", members=["json", "object.*"], decode=True
    )
    item = samples[5]
    assert item["json"] == {"number": 5}
    assert np.all(item["object.01.webp"] == 5)


def test_a_draw_brings_its_place(folder: Path) -> None:
    assert dataset(folder)[Draw(4, 77)] == {**dataset(folder)[4], "__place__": 77}


def test_a_damaged_sample_is_replaced_by_the_next_sound_one(folder: Path) -> None:
    damage(folder, "s003")
    damage(folder, "s004")
    samples = dataset(folder)
    assert [samples[number]["__key__"] for number in (2, 3, 4, 5)] == [
        "s002", "s005", "s005", "s005",
    ]  # fmt: skip
    assert samples.damage.counts == {
        ("train-000000.tar", "s003"): 1, ("train-000000.tar", "s004"): 2,
    }  # fmt: skip


def test_behind_the_last_one_comes_the_first(folder: Path) -> None:
    cut(folder / "train-000002.tar", 100)
    assert dataset(folder)[11]["__key__"] == "s000"


def test_or_it_stops(folder: Path) -> None:
    damage(folder, "s003")
    with pytest.raises(DamagedSampleError, match="s003"):
        dataset(folder, on_damage="raise")[3]


def test_nothing_sound_at_all_stops_too(folder: Path) -> None:
    for shard in folder.glob("*.tar"):
        shard.unlink()
    with pytest.raises(DamagedSampleError, match=r"train-000000\.tar is not there"):
        dataset(folder)[3]


def test_ranks_keep_their_steps_and_everything_else_is_seen_once(folder: Path) -> None:
    """Also when a whole shard is gone: its draws are others, and no others change."""
    sound = [epoch(folder, rank) for rank in (0, 1)]
    assert sorted(key for rank in sound for batch in rank for key in batch) == [
        key_of(number) for number in range(12)
    ]
    (folder / "train-000001.tar").unlink()
    damaged = [epoch(folder, rank) for rank in (0, 1)]
    lost = {f"s{number:03d}" for number in range(5, 9)}
    for before, after in zip(sound, damaged, strict=True):
        assert [len(batch) for batch in before] == [len(batch) for batch in after] == [2, 2, 2]
        for old, new in zip(chain(*before), chain(*after), strict=True):
            assert new == ("s009" if old in lost else old)


def epoch(folder: Path, rank: int) -> list[list[str]]:
    log = DamageLog()
    samples = dataset(folder, log=log)
    batches = StepBatches(Draws(len(samples), seed=1), batch_size=2, rank=rank, world=2)
    return [[samples[draw]["__key__"] for draw in batch] for batch in islice(batches, len(batches))]
