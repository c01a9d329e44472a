from __future__ import annotations

import numpy as np
import pytest
import torch

from partworks.errors import UsageError
from shards.reader import Draw, Draws, ShardIndex
from tests.train.denoiser.made import CHANNELS, ENCODED, SIDE, TOKENS, VIEWS
from tests.train.encode.made import run
from train.denoiser.dataset import LatentDataset, LatentOptions
from train.denoiser.reading import StoredLatents, Wanted
from train.denoiser.selection import choose_parts
from train.shapes import TRAINING, VALIDATION

EVERYTHING = Wanted()


def dataset(latents: str, *, wanted: Wanted = EVERYTHING, **settings: int) -> LatentDataset:
    options = LatentOptions(wanted=wanted, **settings)
    return LatentDataset(ShardIndex(latents), split="train", options=options, cache_objects=2)


def stored(latents: str, key: str) -> StoredLatents:
    members = ShardIndex(latents).decode(key, EVERYTHING.members)
    return StoredLatents.of(key, members, wanted=EVERYTHING)


def test_captions_and_boxes_move_with_their_parts(latents: str) -> None:
    """Tables of six parts, of which four are drawn in random order."""
    shapes = dataset(latents, most_parts=4)
    draws = Draws(len(shapes), seed=0)
    seen = set()
    for place in range(12):
        item = shapes[draws[place]]
        own = stored(latents, item.key)
        generator = np.random.default_rng([0, TRAINING, place])
        parts = choose_parts(own.levels, most=4, generator=generator).tolist()
        seen.add(tuple(parts))
        assert item.geometry is not None and item.images is not None and item.boxes is not None
        assert item.geometry.shape == (5, TOKENS, CHANNELS)
        assert item.images.shape == (5, VIEWS, 4, SIDE, SIDE)
        assert own.geometry is not None and own.images is not None and own.boxes is not None
        for row, part in enumerate([*parts, own.part_count]):
            assert torch.equal(item.geometry[row], own.geometry[part])
            assert torch.equal(item.images[row], own.images[part])
            assert torch.equal(item.text[row], own.text[part])
        assert torch.equal(item.boxes, own.boxes[parts])
        assert torch.equal(item.null_text, own.text[-1])
        assert item.box_images is not None and own.box_images is not None
        assert torch.equal(item.box_images, own.box_images)
        assert item.place == place
    assert len(seen) > 6


def test_validation_has_the_first_parts_and_every_time_the_same(latents: str) -> None:
    shapes = dataset(latents, most_parts=4, phase=VALIDATION)
    one, again = (shapes[Draw(1, place)] for place in (0, 5))
    own = stored(latents, one.key)
    assert one.geometry is not None and again.geometry is not None and own.geometry is not None
    assert torch.equal(one.geometry, own.geometry[[0, 1, 2, 3, 6]])
    assert torch.equal(one.geometry, again.geometry)


def test_what_is_not_wanted_is_not_there(latents: str) -> None:
    wanted = Wanted(images=False, whole=False, boxes=False)
    assert "images.npz" not in wanted.members
    item = dataset(latents, wanted=wanted, most_parts=1)[Draw(0, 0)]
    assert item.images is None and item.boxes is None and item.box_images is None
    assert item.branches == 1 and not item.has_global
    pictures = dataset(latents, wanted=Wanted(geometry=False))[Draw(0, 0)]
    assert pictures.geometry is None and pictures.boxes is None
    assert pictures.box_images is not None and pictures.images is not None


def test_latents_of_geometry_alone_say_how_to_have_more(
    training_set: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What was written before there were pictures and texts is still a set of latents."""
    output = tmp_path_factory.mktemp("bare") / "out"
    run(training_set, output, frame="object", logvar=True, text_encoder="words", text_width=4)
    bare = str(output)
    with pytest.raises(UsageError, match=r"no images\.npz; encode with --settings\.image_codec"):
        dataset(bare).check()
    wanted = Wanted(images=False)
    dataset(bare, wanted=wanted).check()
    # With a known variance training draws from the posterior, and validation takes the mean.
    shapes = dataset(bare, wanted=wanted, most_parts=8)
    draws = [shapes[Draw(0, place)] for place in (0, 0, 1)]
    latents = [item.geometry for item in draws]
    assert latents[0] is not None and latents[1] is not None and latents[2] is not None
    assert torch.equal(latents[0], latents[1])
    assert not torch.equal(latents[0].sort(dim=0).values, latents[2].sort(dim=0).values)
    means = dataset(bare, wanted=wanted, phase=VALIDATION)[Draw(0, 0)].geometry
    members = ShardIndex(bare).decode(draws[0].key, ["latents.npz"])["latents.npz"]
    assert means is not None
    assert np.array_equal(means[:6].numpy(), members["part_latent"])


def test_training_takes_any_of_the_moved_boxes_and_validation_none(
    training_set: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    output = tmp_path_factory.mktemp("moved") / "out"
    run(training_set, output, **{**ENCODED, "box_variants": 2})
    moved = str(output)
    wanted = Wanted(images=False)
    index = ShardIndex(moved)
    arrays = index.decode(index.keys("train")[0], ["latents.npz"])["latents.npz"]
    every = np.concatenate([arrays["box_latent"][None], arrays["box_variant_latent"]])
    assert every.shape == (3, 6, TOKENS, CHANNELS)
    assert not np.array_equal(every[0], every[1]) and not np.array_equal(every[1], every[2])
    shapes, chosen = dataset(moved, wanted=wanted, most_parts=6), np.zeros(3)
    for place in range(40):
        item = shapes[Draw(0, place)]
        order = np.random.default_rng([0, TRAINING, place]).permutation(6)
        assert item.boxes is not None
        for row, part in enumerate(order):
            same = [np.array_equal(item.boxes[row].numpy(), each[part]) for each in every]
            assert sum(same) == 1
            chosen += same
    assert (chosen > 50).all(), "80 each, give or take 7"
    first = dataset(moved, wanted=wanted, phase=VALIDATION)[Draw(0, 3)].boxes
    assert first is not None and np.array_equal(first.numpy(), every[0])
