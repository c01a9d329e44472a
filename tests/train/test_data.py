from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from partworks.errors import UsageError
from shards.reader import ShardIndex, ShardsNotFoundError, decode_points
from train.batches import Draw
from train.data import TRAINING, VALIDATION, PartDataModule, PartDataset
from train.queries import QueryConfig, normalise

QUERIES = QueryConfig(surface=64, near=32, volume=32)


def dataset(root: str, *, phase: int = TRAINING, seed: int = 0, cache: int = 64) -> PartDataset:
    return PartDataset(
        ShardIndex(root),
        split="train",
        queries=QUERIES,
        seed=seed,
        phase=phase,
        cache_objects=cache,
    )


def module(root: str, **settings: object) -> PartDataModule:
    return PartDataModule(root, queries=QUERIES, **settings)  # type: ignore[arg-type]


def test_an_item_is_one_part_in_its_own_frame(root: str) -> None:
    parts = dataset(root)
    assert len(parts) == 7 * 6
    index = ShardIndex(root)
    key = index.keys("train")[2]
    points = decode_points(index.read(key, ["points.npz"])["points.npz"])
    own = normalise(points.part_surface[3], points.part_box[3])
    item = parts[Draw(2 * 6 + 3, 0)]
    assert {name: tuple(tensor.shape) for name, tensor in item.items()} == {
        "surface": (64, 6), "queries": (64, 3), "distance": (64,),
    }  # fmt: skip
    rows = {row.tobytes() for row in own}
    assert all(row.tobytes() in rows for row in item["surface"].numpy())
    assert np.abs(own[:, :3]).max() == pytest.approx(1, abs=1e-5)


def test_items_hang_on_seed_phase_and_place_alone(root: str) -> None:
    def queries(place: int, **settings: int) -> bytes:
        return bytes(dataset(root, **settings)[Draw(5, place)]["queries"].numpy().tobytes())

    assert queries(0) == queries(0)
    distinct = {queries(0), queries(1), queries(0, seed=1), queries(0, phase=VALIDATION)}
    assert len(distinct) == 4


def test_the_cache_stays_small_and_changes_nothing(root: str) -> None:
    small, large = dataset(root, cache=2), dataset(root)
    for part in range(0, 42, 5):
        a, b = small[Draw(part, part)], large[Draw(part, part)]
        assert all(torch.equal(a[name], b[name]) for name in a)
    assert len(small._cache) == 2


@pytest.mark.parametrize("workers", [0, 2])
def test_loaders_give_the_same_with_any_number_of_workers(root: str, workers: int) -> None:
    data = module(root, batch_size=4, num_workers=workers)
    data.setup("fit")
    data._batches_done = lambda: 3  # type: ignore[method-assign]
    loader = data.train_dataloader()
    batch = next(iter(loader))
    stream = loader.batch_sampler.stream  # type: ignore[union-attr]
    expected = [dataset(root)[stream[place]]["queries"] for place in range(12, 16)]
    assert torch.equal(batch["queries"], torch.stack(expected))


def test_validation_is_the_same_every_time(root: str) -> None:
    data = module(root, batch_size=4)
    data.setup("fit")
    loader = data.val_dataloader()
    first, again = ([b["queries"] for b in loader] for _ in range(2))
    assert [len(batch) for batch in first] == [4, 2]
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))


def test_no_validation_objects_is_no_hindrance_to_fit(root: str) -> None:
    data = module(root, val_split="test")
    data.setup("fit")
    assert data.val_dataloader() == []


@pytest.mark.parametrize(("stage", "settings"), [
    ("fit", {"split": "test"}), ("validate", {"val_split": "test"}),
])  # fmt: skip
def test_a_missing_split_is_named(root: str, stage: str, settings: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=r"no objects in split 'test'; there are train, val\."):
        module(root, **settings).setup(stage)


def test_no_shards_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ShardsNotFoundError, match="partworks run"):
        module(str(tmp_path)).setup("fit")


def test_an_impossible_batch_is_refused(root: str) -> None:
    with pytest.raises(UsageError, match="batch_size is 0"):
        module(root, batch_size=0)


def test_going_on_with_other_data_warns(root: str) -> None:
    before = module(root, batch_size=4)
    before.setup("fit")
    after = module(root, batch_size=8)
    after.load_state_dict(before.state_dict())
    after.setup("fit")
    with pytest.warns(UserWarning, match=r"other data settings \(batch_size 4 -> 8\)"):
        after.train_dataloader()
