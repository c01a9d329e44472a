from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.train.study.made import clean
from train.rendering.choice import choose_renderer
from train.study.generator import PIXELS, SIZES, StudyGenerator
from train.study.objects import made_objects, shaded
from train.study.pictures import pictures


def test_a_part_is_drawn_in_its_color_on_white() -> None:
    (made,) = made_objects(1, seed=0)
    mesh, colors = made.colored()[0]
    renderer = choose_renderer("auto", torch.device("cpu"))
    drawn = pictures(mesh, colors, views=2, pixels=PIXELS, renderer=renderer)
    assert drawn.shape == (2, PIXELS, PIXELS, 3)
    seen = (drawn < 1).any(axis=-1)
    assert 0.1 < seen.mean() < 0.7
    np.testing.assert_array_equal(drawn[:, 0, 0], 1.0)
    # A pixel is the part's colour, times its light.
    light = drawn[seen] @ colors[0] / (colors[0] @ colors[0])
    np.testing.assert_allclose(drawn[seen], light[:, None] * colors[0], atol=1e-6)
    assert light.min() >= 0.7 - 1e-6
    assert light.max() <= 1 + 1e-6


def test_the_whole_is_drawn_in_the_colors_of_its_parts() -> None:
    made = next(each for each in made_objects(9, seed=0) if len({p.color for p in each.parts}) > 1)
    whole = made.colored()[-1]
    wanted = {tuple(shaded(part.color, is_dark=made.is_dark)) for part in made.parts}
    assert {tuple(color) for color in whole[1]} == wanted
    assert len(whole[0].faces) == sum(len(mesh.faces) for mesh, _ in made.colored()[:-1])


def test_latents_are_of_the_sizes_that_sampling_expects() -> None:
    (made,) = made_objects(1, seed=2)
    found = clean(made)
    branches = len(made.parts) + 1
    assert found.geometry is not None and found.geometry.shape == (branches, *SIZES.geometry)
    assert found.images is not None and found.images.shape == (branches, *SIZES.images)
    assert found.boxes is not None and found.boxes.shape == (branches - 1, *SIZES.geometry)
    assert found.box_images is not None and found.box_images.shape == SIZES.images
    assert len(found.text) == branches


def test_pictures_come_back_coarser() -> None:
    (made,) = made_objects(1, seed=2)
    images = clean(made).images
    assert images is not None
    back = StudyGenerator().decode_images(images)
    again = StudyGenerator().encode_images(back)
    torch.testing.assert_close(again[:, :, :3], images[:, :, :3], atol=1e-5, rtol=0)
    assert float(back.max()) == pytest.approx(1.0)
