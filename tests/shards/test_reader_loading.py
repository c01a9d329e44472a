"""The reader under torch's loaders: workers, ranks, resumes."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pytest
from torch.utils.data import DataLoader

from shards.reader import Draws, EverySampleOnce, ShardDataset, ShardIndex, StepBatches, stream
from tests.shards.reader_set import flip_bit, key_of, write_set

SIZES = (9, 1, 7, 4)
COUNT = sum(SIZES)
KEYS = [key_of(number) for number in range(COUNT)]
TOP = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> ShardIndex:
    return ShardIndex(str(write_set(tmp_path_factory.mktemp("sound"), shards=SIZES)))


def map_loader(
    index: ShardIndex, *, workers: int, rank: int = 0, world: int = 1
) -> tuple[DataLoader[Any], StepBatches]:
    dataset = ShardDataset(index, split="train", members=["json"])
    batches = StepBatches(Draws(len(dataset), seed=5), batch_size=2, rank=rank, world=world)
    return DataLoader(dataset, batch_sampler=batches, num_workers=workers), batches


def stream_loader(index: ShardIndex, *, workers: int, **settings: Any) -> DataLoader[Any]:
    samples = stream(index, members=["json"], buffer=3, seed=5, **settings)
    return DataLoader(samples, batch_size=2, num_workers=workers)


@pytest.mark.parametrize("world", [1, 2])
@pytest.mark.parametrize("workers", [0, 2])
def test_map_style_epoch_and_resume_lose_and_repeat_nothing(
    sound: ShardIndex, workers: int, world: int
) -> None:
    """Two epochs are read in three runs, the middle one over the end of the first."""
    seen: list[str] = []
    state = None
    steps = 2 * COUNT // (2 * world)
    for start, stop in ((0, 3), (3, 7), (7, steps)):
        ranks = []
        for rank in range(world):
            loader, batches = map_loader(sound, workers=workers, rank=rank, world=world)
            if state is not None:
                batches.load_state_dict(state)
            ranks.append(islice(loader, stop - start))
        seen += [
            key for step in zip(*ranks, strict=True) for batch in step for key in batch["__key__"]
        ]
        state = batches.state_dict(step=stop)
    draws = Draws(COUNT, seed=5)
    assert seen == [KEYS[draws[place].item] for place in range(len(seen))]
    assert sorted(seen[:COUNT]) == KEYS
    assert len(seen) >= 2 * COUNT - 2 * world


@pytest.mark.parametrize("workers", [0, 2])
def test_validation_has_every_sample_once(sound: ShardIndex, workers: int) -> None:
    dataset = ShardDataset(sound, split="train", members=["json"])
    batches = EverySampleOnce(len(dataset), batch_size=4)
    loader = DataLoader(dataset, batch_sampler=batches, num_workers=workers)  # type: ignore[arg-type]
    assert [key for batch in loader for key in batch["__key__"]] == KEYS


@pytest.mark.parametrize("world", [1, 2])
@pytest.mark.parametrize("workers", [0, 2])
def test_streamed_epoch_loses_and_repeats_nothing(
    sound: ShardIndex, workers: int, world: int
) -> None:
    found = [
        key
        for rank in range(world)
        for batch in stream_loader(sound, workers=workers, rank=rank, world=world)
        for key in batch["__key__"]
    ]
    assert sorted(found) == KEYS


@pytest.mark.filterwarnings("ignore:This DataLoader will create 3 worker processes")
@pytest.mark.parametrize("workers", [0, 2, 3])
def test_a_stream_goes_on_exactly_under_a_loader(sound: ShardIndex, workers: int) -> None:
    settings: dict[str, Any] = {"workers": workers, "rank": 1, "world": 2, "epoch": 4}
    whole = [batch["__key__"] for batch in stream_loader(sound, **settings)]
    for done in range(len(whole) + 1):
        loader = stream_loader(sound, **{**settings, "epoch": 0})
        state = stream_loader(sound, **settings).dataset.state_dict(batches=done, batch_size=2)  # type: ignore[attr-defined]
        loader.dataset.load_state_dict(json.loads(json.dumps(state)))  # type: ignore[attr-defined]
        assert [batch["__key__"] for batch in loader] == whole[done:]


def test_damage_in_a_worker_stops_an_epoch_only_if_it_shall(tmp_path: Path) -> None:
    index = ShardIndex(str(write_set(tmp_path, shards=SIZES)))
    place = index.locate("s010", "json")
    flip_bit(tmp_path / place.shard, place.offset)
    found = [key for b in stream_loader(index, workers=2) for key in b["__key__"]]
    assert len(found) == COUNT
    assert set(found) == set(KEYS) - {"s010"}
    with pytest.raises(Exception, match=r"train-000002\.tar: json of sample s010 has CRC-32"):
        list(stream_loader(index, workers=2, on_damage="raise"))


RANK = """
import json, sys
from itertools import islice
import torch, torch.distributed as dist
from torch.utils.data import DataLoader
from shards.reader import Draws, ShardDataset, ShardIndex, StepBatches, stream

url, store, rank, kind, start, stop = sys.argv[1:]
rank, start, stop = int(rank), int(start), int(stop)
torch.set_num_threads(1)
dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)
index = ShardIndex(url)
if kind == "map":
    dataset = ShardDataset(index, split="train", members=["json"])
    batches = StepBatches(Draws(len(dataset), seed=5), batch_size=2, rank=rank, world=2)
    batches.load_state_dict(batches.state_dict(step=start))
    loader = DataLoader(dataset, batch_sampler=batches, num_workers=2)
else:
    samples = stream(index, members=["json"], seed=5, rank=rank, world=2, buffer=3, equal=True)
    samples.load_state_dict(samples.state_dict(batches=start, batch_size=2))
    loader = DataLoader(samples, batch_size=2, num_workers=2)
keys = []
for batch in islice(loader, stop - start):
    steps = torch.ones(1)
    dist.all_reduce(steps)  # hangs where a rank has fewer steps than the other
    assert steps.item() == 2
    keys += batch["__key__"]
everyone = [None, None]
dist.all_gather_object(everyone, keys)
if rank == 0:
    print(json.dumps(everyone))
dist.destroy_process_group()
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["map", "stream"])
def test_two_processes_share_an_epoch_over_a_resume_and_a_damaged_shard(
    tmp_path: Path, kind: str
) -> None:
    folder = write_set(tmp_path / "set", shards=SIZES)
    index = ShardIndex(str(folder))
    place = index.locate("s010", "json")
    flip_bit(folder / place.shard, place.offset)
    steps = -(-COUNT // 4) + (kind == "stream")
    found: list[str] = []
    for start, stop in ((0, 2), (2, steps)):
        store = tmp_path / f"{kind}{start}"
        arguments = [str(start), str(stop)]
        ranks = [
            subprocess.Popen(
                [sys.executable, "-c", RANK, str(folder), str(store), str(rank), kind, *arguments],
                cwd=TOP,
                stdout=subprocess.PIPE,
                text=True,
            )
            for rank in (0, 1)
        ]
        outputs = [process.communicate(timeout=200)[0] for process in ranks]
        assert [process.returncode for process in ranks] == [0, 0]
        found += list(chain(*json.loads(outputs[0])))
    # One sample is damaged, and the last batches reach into the next epoch or repeat a sample.
    assert set(found) == set(KEYS) - {"s010"}
    assert len(found) == {"map": 24, "stream": 22}[kind]
