from __future__ import annotations

import dataclasses

import pytest
import torch

from tests.train.denoiser.made import made_object
from train.denoiser.sample import Drops, collate, joint_inputs


def test_objects_are_packed_without_padding() -> None:
    objects = [made_object(2, place=3), made_object(4, place=5)]
    batch = collate(objects)
    assert batch["counts"] == (3, 5)
    assert batch["place"].tolist() == [3, 5]
    for name in ("geometry", "images"):
        expected = torch.cat([getattr(each, name) for each in objects])
        assert torch.equal(batch[name], expected)
    row = 0
    for each in objects:
        for place, text in enumerate(each.text):
            assert torch.equal(batch["text"][row][batch["text_mask"][row]], text)
            if place < each.branches - 1:
                assert each.boxes is not None
                assert torch.equal(batch["boxes"][row], each.boxes[place])
            else:
                assert not batch["boxes"][row].any(), "a whole has no box of its own"
            row += 1
    assert batch["box_images"].shape[0] == 2
    assert batch["image_known"].all()


def test_dropped_texts_are_those_of_the_empty_text_and_dropped_boxes_are_masked() -> None:
    objects = [made_object(1, place=1), made_object(2, place=2)]
    batch = collate(objects)
    drops = Drops(text=torch.tensor([True, False]), boxes=torch.tensor([False, True]))
    inputs = joint_inputs(
        batch, geometry=batch["geometry"], images=batch["images"],
        timesteps=torch.tensor([1, 2]), drops=drops,
    )  # fmt: skip
    for row in range(2):
        told = inputs.text[row][inputs.text_mask[row]]
        assert torch.equal(told, objects[0].null_text)
    assert torch.equal(inputs.text[2:], batch["text"][2:])
    assert torch.equal(inputs.text_mask[2:], batch["text_mask"][2:])
    assert inputs.box_mask is not None
    assert inputs.box_mask.tolist() == [True] * 2 + [False] * 3


def test_pinned_batches_are_read_too() -> None:
    """Loaders that pin memory turn tuples into lists."""
    batch = collate([made_object(2)])
    pinned = {name: list(each) if isinstance(each, tuple) else each for name, each in batch.items()}
    inputs = joint_inputs(
        pinned, geometry=batch["geometry"], images=None, timesteps=torch.tensor([0])
    )
    assert inputs.counts == (3,)


def test_one_modality_alone_has_no_boxes_of_the_other() -> None:
    batch = collate([made_object(2)])
    times = torch.tensor([0])
    images = joint_inputs(batch, geometry=None, images=batch["images"], timesteps=times)
    assert images.boxes is None and images.box_images is not None
    geometry = joint_inputs(batch, geometry=batch["geometry"], images=None, timesteps=times)
    assert geometry.boxes is not None and geometry.box_images is None


def test_parts_alone_have_a_box_each() -> None:
    batch = collate([made_object(2, has_global=False)])
    assert batch["boxes"].shape[0] == batch["geometry"].shape[0] == 2
    assert not batch["has_global"]


def test_rows_that_do_not_go_together_are_refused() -> None:
    good = made_object(2)
    assert good.geometry is not None
    with pytest.raises(ValueError, match="geometry of object 0 has 2 rows, expected 3"):
        dataclasses.replace(good, geometry=good.geometry[:2])
    with pytest.raises(ValueError, match="neither geometry nor images"):
        dataclasses.replace(good, geometry=None, images=None)
    with pytest.raises(ValueError, match="some objects of a batch lack"):
        collate([good, made_object(2, images=False)])
