from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from partworks.errors import UsageError
from shards.reader import ShardIndex
from tests.shards.made import SMALL, make_root
from tests.train.sampling.standin import CELLS, PIXELS, VIEWS, StandIn
from train.sampling.contexts import latents_of_object, on_white


def test_points_and_pictures_of_a_training_set_are_encoded(tmp_path: Path) -> None:
    config = dataclasses.replace(SMALL, views=2, part_views=2)
    make_root(str(tmp_path), ["obj0"], config=config)
    index = ShardIndex(str(tmp_path))
    generator = StandIn()
    generator.sizes = dataclasses.replace(generator.sizes, images=(2, 4, CELLS, CELLS))
    found = latents_of_object(generator, index, key="obj0")
    boxes = index.decode("obj0", ("points.npz",))["points.npz"].part_box
    assert found.geometry is not None and found.images is not None
    np.testing.assert_allclose(found.geometry.amin(dim=1).numpy(), boxes[:, 0], atol=0.05)
    np.testing.assert_allclose(found.geometry.amax(dim=1).numpy(), boxes[:, 1], atol=0.05)
    images = index.decode("obj0", ("part*.*.webp",))
    for part in range(len(boxes)):
        for view in range(2):
            flat = on_white(images[f"part{part:02d}.{view:02d}.webp"], pixels=PIXELS)
            color = found.images[part, view, :3].mean(dim=(1, 2)).numpy()
            np.testing.assert_allclose(color, flat.mean(axis=(0, 1)), atol=1e-5)


def test_too_few_views_are_a_wrong_call(root: str) -> None:
    with pytest.raises(UsageError, match=f"has 0 views of part 0, but the network has {VIEWS}"):
        latents_of_object(StandIn(), ShardIndex(root), key="obj0")


def test_what_is_transparent_is_white() -> None:
    image = np.zeros((4, 4, 4), np.uint8)
    image[:2, :, 3] = 255
    flat = on_white(image, pixels=2)
    np.testing.assert_array_equal(flat[0], np.zeros((2, 3)))
    np.testing.assert_array_equal(flat[1], np.ones((2, 3)))
    assert torch.from_numpy(flat).dtype == torch.float32
