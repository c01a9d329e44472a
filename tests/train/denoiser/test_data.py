from __future__ import annotations

from pathlib import Path

import pytest
import torch

from partworks.errors import UsageError
from partworks.store import Store
from shards.reader import DamagedSampleError, ShardIndex, ShardsNotFoundError
from tests.train.denoiser.made import CHANNELS, TEXT
from train.denoiser.data import LatentDataModule


def module(root: str, **settings: object) -> LatentDataModule:
    return LatentDataModule(root, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("workers", [0, 2])
def test_loaders_give_the_same_with_any_number_of_workers(latents: str, workers: int) -> None:
    data = module(latents, batch_size=2, parts=3, num_workers=workers)
    data.setup("fit")
    data._batches_done = lambda: 2  # type: ignore[method-assign]
    batch = next(iter(data.train_dataloader()))
    assert batch["place"].tolist() == [4, 5]
    here = module(latents, batch_size=2, parts=3)
    here.setup("fit")
    here._batches_done = lambda: 2  # type: ignore[method-assign]
    expected = next(iter(here.train_dataloader()))
    for name in ("geometry", "images", "text", "boxes", "box_images"):
        assert torch.equal(batch[name], expected[name]), name
    assert batch["keys"] == expected["keys"]
    assert batch["counts"] == (4, 4)


def test_ranks_share_a_batch_out(latents: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def first(rank: int, world: int, size: int) -> list[int]:
        data = module(latents, batch_size=size)
        data.setup("fit")
        monkeypatch.setattr(data, "_place", lambda: {"rank": rank, "world": world})
        monkeypatch.setattr(data, "_batches_done", lambda: 3)
        places: list[int] = next(iter(data.train_dataloader()))["place"].tolist()
        return places

    assert first(0, 2, 2) + first(1, 2, 2) == first(0, 1, 4)


def test_sizes_are_those_of_the_latents(latents: str) -> None:
    data = module(latents)
    data.setup("fit")
    assert data.sizes() == {
        "geometry channels": CHANNELS, "image channels": 4, "text channels": TEXT
    }  # fmt: skip


def test_no_validation_objects_is_no_hindrance_to_fit(latents: str) -> None:
    data = module(latents, val_split="test")
    data.setup("fit")
    assert data.val_dataloader() == []
    with pytest.raises(UsageError, match=r"no objects in split 'test'; there are train, val\."):
        data.setup("validate")


def test_no_latents_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ShardsNotFoundError):
        module(str(tmp_path)).setup("fit")


def test_a_training_set_is_no_set_of_latents(training_set: str) -> None:
    with pytest.raises(UsageError, match=r"no texts\.npz; encode with --settings\.text_encoder"):
        module(training_set).setup("fit")


@pytest.mark.parametrize(("settings", "message"), [
    ({"batch_size": 0}, "batch_size is 0"),
    ({"parts": 0}, "parts is 0"),
    ({"geometry": False, "images": False}, "both false"),
])  # fmt: skip
def test_impossible_settings_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        module("somewhere", **settings)


def test_going_on_with_other_data_warns(latents: str) -> None:
    before = module(latents, parts=2)
    before.setup("fit")
    after = module(latents, parts=4)
    after.load_state_dict(before.state_dict())
    after.setup("fit")
    with pytest.warns(UserWarning, match=r"other data settings \(parts 2 -> 4\)"):
        after.train_dataloader()


def test_a_damaged_object_is_replaced_or_stops_training(latents: str, tmp_path: Path) -> None:
    for path in Path(latents).rglob("*"):
        if path.is_file():
            Store(str(tmp_path)).write(str(path.relative_to(latents)), path.read_bytes())
    index = ShardIndex(latents)
    key = index.keys("train")[1]
    place = index.locate(key, "texts.npz")
    with (tmp_path / place.shard).open("r+b") as stream:
        stream.seek(place.offset)
        stream.write(bytes(place.size))
    count = len(index.keys("train"))
    for on_damage in ("skip", "raise"):
        data = module(str(tmp_path), batch_size=count, on_damage=on_damage)
        data.setup("fit")
        data._batches_done = lambda: 0  # type: ignore[method-assign]
        batches = iter(data.train_dataloader())
        if on_damage == "skip":
            keys = next(batches)["keys"]
            assert key not in keys and len(keys) == count
        else:
            with pytest.raises(DamagedSampleError, match=r"texts\.npz"):
                next(batches)
