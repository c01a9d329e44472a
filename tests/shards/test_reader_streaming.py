from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from shards.reader import DamagedSampleError, DamageLog, Points, ShardIndex, ShardStream, stream
from tests.shards.reader_set import cut, flip_bit, key_of, write_set

SIZES = (9, 1, 7, 5, 3)
COUNT = sum(SIZES)
KEYS = [key_of(number) for number in range(COUNT)]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> ShardIndex:
    return ShardIndex(str(write_set(tmp_path_factory.mktemp("sound"), shards=SIZES)))


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return write_set(tmp_path, shards=SIZES)


def keys(index: ShardIndex | Path, **settings: object) -> list[str]:
    url = str(index) if isinstance(index, Path) else index
    options = {"buffer": 4, "members": ["json"], **settings}
    return [sample["__key__"] for sample in stream(url, **options)]  # type: ignore[arg-type]


def test_items_have_decoded_members(sound: ShardIndex) -> None:
    for item in stream(sound, members=["json", "points.npz", "object.*.webp"]):
        number = item["json"]["number"]
        assert item["__key__"] == key_of(number)
        assert isinstance(item["points.npz"], Points)
        assert np.all(item["points.npz"].part_surface == number)
        assert np.all(item["object.01.webp"] == number)


def test_or_bytes(sound: ShardIndex) -> None:
    for item in stream(sound, members=["*"], decode=False):
        key = item.pop("__key__")
        assert item == sound.read(key, ["*"])


def test_without_a_seed_the_order_is_that_of_the_index(sound: ShardIndex) -> None:
    assert keys(sound, seed=None) == KEYS


def test_the_order_hangs_on_seed_and_epoch_alone(sound: ShardIndex) -> None:
    orders = {
        (seed, epoch): tuple(keys(sound, seed=seed, epoch=epoch))
        for seed in (0, 1)
        for epoch in (0, 1)
    }
    assert len(set(orders.values())) == 4
    assert keys(sound, seed=1, epoch=1) == list(orders[1, 1])
    later = stream(sound, members=["json"], buffer=4, seed=1)
    later.set_epoch(1)
    assert [sample["__key__"] for sample in later] == list(orders[1, 1])


def test_shards_are_read_behind_one_another_within_the_buffer(sound: ShardIndex) -> None:
    """With a buffer of one the order is that of shards, shuffled; more moves samples by as much."""
    plain = keys(sound, buffer=1)
    runs = [sound.shard(key) for key in plain]
    assert len([1 for a, b in itertools.pairwise(runs) if a != b]) == len(SIZES) - 1
    assert plain != KEYS
    for buffer in (2, 5):
        mixed = keys(sound, buffer=buffer)
        assert sorted(mixed) == KEYS
        assert mixed != plain
        early = [plain.index(key) - place for place, key in enumerate(mixed)]
        assert max(early) < buffer


def test_nothing_is_read_before_it_is_due(
    sound: ShardIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The buffer is one of names, not of bytes."""
    read: list[str] = []
    original = sound.read_many

    def read_many(keys: list[str], members: list[str]) -> object:
        read.extend(keys)
        return original(keys, members)

    monkeypatch.setattr(sound, "read_many", read_many)
    for given, item in enumerate(stream(sound, members=["json"], buffer=4)):
        assert len(read) == given + 1
        assert read[-1] == item["__key__"]
    assert sorted(read) == KEYS


@pytest.mark.parametrize("world", [1, 2, 3, 7, 30])
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_ranks_and_workers_share_an_epoch_without_loss_or_repetition(
    sound: ShardIndex, world: int, workers: int
) -> None:
    """Also where there are fewer shards, or even fewer samples, than ranks and workers."""
    shares = {
        (rank, worker): keys(sound, rank=rank, world=world, worker=worker, workers=workers, epoch=3)
        for rank in range(world)
        for worker in range(workers)
    }
    assert sorted(itertools.chain(*shares.values())) == KEYS
    ranks = [sum(len(shares[rank, worker]) for worker in range(workers)) for rank in range(world)]
    assert max(ranks) - min(ranks) <= 1
    counts = [stream(sound, rank=rank, world=world, epoch=3).count() for rank in range(world)]
    assert counts == ranks


@pytest.mark.parametrize("world", [2, 3, 7, 30])
def test_equal_ranks_repeat_as_little_as_can_be(sound: ShardIndex, world: int) -> None:
    shares = [keys(sound, rank=rank, world=world, equal=True) for rank in range(world)]
    assert {len(share) for share in shares} == {-(-COUNT // world)}
    counts = Counter(itertools.chain(*shares))
    assert set(counts) == set(KEYS)
    assert sum(counts.values()) - COUNT == -COUNT % world


@pytest.mark.parametrize("workers", [1, 3])
def test_going_on_in_mid_epoch_is_as_if_never_stopped(sound: ShardIndex, workers: int) -> None:
    for worker in range(workers):
        settings = {"rank": 1, "world": 2, "worker": worker, "workers": workers, "epoch": 2}
        whole = keys(sound, **settings)
        for batches in range(len(whole) // 2 + 2):
            later = stream(sound, members=["json"], buffer=4, **{**settings, "epoch": 0})  # type: ignore[arg-type]
            later.load_state_dict(
                stream(sound, buffer=4, **settings).state_dict(batches=batches, batch_size=2)  # type: ignore[arg-type]
            )
            assert [sample["__key__"] for sample in later] == whole[2 * batches :]
            assert [sample["__key__"] for sample in later] == whole[2 * batches :]


def test_a_state_of_another_stream_is_refused(sound: ShardIndex) -> None:
    state = stream(sound, seed=3).state_dict(batches=1, batch_size=2)
    with pytest.raises(ValueError, match="seed 3 -> 4"):
        stream(sound, seed=4).load_state_dict(state)
    with pytest.raises(ValueError, match="world 1 -> 2"):
        stream(sound, seed=3, world=2).load_state_dict(state)


@pytest.mark.parametrize("harm", ["flip", "cut", "missing"])
def test_damage_does_not_stop_an_epoch_and_is_reported(own: Path, harm: str) -> None:
    index = ShardIndex(str(own))
    place = index.locate("s012", "points.npz")
    shard = own / place.shard
    if harm == "flip":
        flip_bit(shard, place.offset + 9)
        lost = {"s012"}
    elif harm == "cut":
        cut(shard, place.offset + 9)
        lost = {f"s{number:03d}" for number in range(12, 17)}
    else:
        shard.unlink()
        lost = {f"s{number:03d}" for number in range(10, 17)}
    log = DamageLog()
    found = keys(own, members=["points.npz"], log=log)
    assert set(found) == set(KEYS) - lost
    assert len(found) == COUNT
    assert {sample for _, sample in log.counts} == lost
    assert {shard for shard, _ in log.counts} == {"train-000002.tar"}
    with pytest.raises(DamagedSampleError, match=r"train-000002\.tar"):
        keys(own, members=["points.npz"], on_damage="raise")


def test_a_member_that_cannot_be_decoded_is_damage_too(
    sound: ShardIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = sound.decoded

    def decoded(key: str, content: dict[str, bytes]) -> dict[str, object]:
        if key == "s004":
            raise DamagedSampleError("odd", shard="a", sample=key)
        return original(key, content)

    monkeypatch.setattr(sound, "decoded", decoded)
    found = keys(sound, members=["json"])
    assert len(found) == COUNT
    assert set(found) == set(KEYS) - {"s004"}


def test_a_damaged_epoch_goes_on_exactly_too(own: Path) -> None:
    cut(own / "train-000000.tar", 3000)
    whole = keys(own)
    later = stream(str(own), members=["json"], buffer=4)
    later.load_state_dict(later.state_dict(batches=3, batch_size=3))
    assert [sample["__key__"] for sample in later] == whole[9:]


def test_an_unknown_split_has_no_samples(sound: ShardIndex) -> None:
    assert keys(sound, split="test") == []


def test_without_torch_it_is_a_plain_iterable(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins
    import sys

    monkeypatch.delitem(sys.modules, "shards.reader.loading", raising=False)
    original = builtins.__import__

    def without_torch(name: str, *rest: object) -> object:
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
        return original(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without_torch)
    from shards.reader.streaming import _stream_class

    assert _stream_class() is ShardStream
