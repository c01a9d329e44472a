from __future__ import annotations

from dataclasses import replace

import torch

from tests.train.models.joint.made import small_inputs, small_model
from train.models.joint.images import ImageBranch


def _branch() -> ImageBranch:
    branch = small_model(trained=True).images
    assert branch is not None
    return branch


def test_who_sees_whom_in_each_block() -> None:
    """Of another view of the same part, and of the same view of another part."""
    branch = _branch()
    inputs = replace(small_inputs((3,)), box_images=None)
    assert inputs.images is not None
    places = branch.config.places
    for index in range(4):
        with torch.no_grad():
            before = branch.start(inputs)
            branch.step(before, index)
        for part, view, seen in (
            (0, 1, index in places.image_views),
            (1, 0, index in places.image_parts),
            (1, 1, False),
            (0, 0, True),
        ):
            moved = inputs.images.clone()
            moved[part, view] += 1
            with torch.no_grad():
                after = branch.start(replace(inputs, images=moved))
                branch.step(after, index)
            each = before.tokens_PNC.shape[1] // 3
            differs = (before.tokens_PNC != after.tokens_PNC)[0, :each].any()
            assert bool(differs) == seen, (index, part, view)


def test_wireframes_are_read_by_so_many_blocks_and_added_behind_each() -> None:
    branch, inputs = _branch(), small_inputs((3, 2))
    assert branch.control is not None
    with torch.no_grad():
        for layer in branch.control.zeros:
            layer.weight.zero_()
            layer.bias.fill_(1.0)
        told, untold = branch.start(inputs), branch.start(inputs.without_boxes())
        told.tokens_PNC = untold.tokens_PNC.clone()
        for index in range(4):
            told.tokens_PNC = untold.tokens_PNC.clone()
            branch.step(told, index)
            branch.step(untold, index)
            added = told.tokens_PNC - untold.tokens_PNC
            wanted = torch.zeros_like(added)
            wanted[[2, 4]] = float(index < 2)
            torch.testing.assert_close(added, wanted, rtol=0, atol=1e-5)


def test_images_may_have_times_of_their_own() -> None:
    branch, inputs = _branch(), small_inputs((3,))
    other = replace(inputs, image_timesteps=inputs.timesteps + 1)
    assert torch.equal(branch.start(inputs).time_PC, branch.start(other).time_PC) is False
    same = replace(other, timesteps=inputs.timesteps + 1, image_timesteps=None)
    assert torch.equal(branch.start(same).time_PC, branch.start(other).time_PC)
