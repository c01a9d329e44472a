from __future__ import annotations

from pathlib import Path

import pytest
import torch

from partworks.errors import UsageError
from shards.reader import DamagedSampleError, ShardsNotFoundError
from train.data import PartDataModule
from train.queries import QueryConfig
from train.shapes import TRAINING, VALIDATION

QUERIES = QueryConfig(surface=64, count=48)


def module(root: str, **settings: object) -> PartDataModule:
    return PartDataModule(root, queries=QUERIES, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("workers", [0, 2])
def test_loaders_give_the_same_with_any_number_of_workers(root: str, workers: int) -> None:
    data = module(root, batch_size=4, num_workers=workers)
    data.setup("fit")
    data._batches_done = lambda: 3  # type: ignore[method-assign]
    loader = data.train_dataloader()
    batch = next(iter(loader))
    draws = loader.batch_sampler.draws  # type: ignore[union-attr]
    shapes = data.dataset("train", phase=TRAINING)
    expected = [shapes[draws[place]]["queries"] for place in range(12, 16)]
    assert torch.equal(batch["queries"], torch.stack(expected))
    assert batch["place"].tolist() == [12, 13, 14, 15]


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


@pytest.mark.parametrize(("settings", "message"), [
    ({"batch_size": 0}, "batch_size is 0"),
    ({"limit": 0}, "limit is 0"),
    ({"least_solid": 0.1}, r"set --data\.limit too"),
])  # fmt: skip
def test_impossible_settings_are_refused(
    root: str, settings: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        module(root, **settings)


def test_nothing_left_is_said(root: str) -> None:
    with pytest.raises(UsageError, match="none of the items of split 'train' is left"):
        module(root, limit=4, least_solid=0.99).setup("fit")


def test_validation_is_upright(root: str) -> None:
    data = module(root, rotate=True, limit=4)
    data.setup("fit")
    options = [data.dataset("train", phase=phase).options for phase in (TRAINING, VALIDATION)]
    assert [each.rotate for each in options] == [True, False]


def test_going_on_with_other_data_warns(root: str) -> None:
    before = module(root, batch_size=4)
    before.setup("fit")
    after = module(root, batch_size=8)
    after.load_state_dict(before.state_dict())
    after.setup("fit")
    with pytest.warns(UserWarning, match=r"other data settings \(batch_size 4 -> 8\)"):
        after.train_dataloader()


@pytest.mark.parametrize("workers", [0, 2])
def test_a_damaged_object_stops_training_only_if_it_shall(damaged: str, workers: int) -> None:
    settings: dict[str, object] = {"batch_size": 42, "num_workers": workers}
    for on_damage in ("skip", "raise"):
        data = module(damaged, on_damage=on_damage, **settings)
        data.setup("fit")
        data._batches_done = lambda: 0  # type: ignore[method-assign]
        batches = iter(data.train_dataloader())
        if on_damage == "skip":
            assert len(next(batches)["queries"]) == 42
        else:
            with pytest.raises(DamagedSampleError, match=r"train-000000\.tar"):
                next(batches)
