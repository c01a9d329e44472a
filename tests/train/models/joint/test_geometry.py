from __future__ import annotations

from dataclasses import replace

import torch

from tests.train.models.joint.made import rows, small_inputs, small_model
from train.models.joint.geometry import GeometryBranch


def _branch(**settings: str) -> GeometryBranch:
    branch = small_model(trained=True, **settings).geometry
    assert branch is not None
    return branch


def test_blocks_that_are_not_there_are_passed_over() -> None:
    branch, inputs = _branch(), small_inputs()
    with torch.no_grad():
        state = branch.start(inputs)
        before = state.tokens_PTC
        branch.step(state, 5)
        assert state.tokens_PTC is before
        branch.step(state, 4)
        assert not torch.equal(state.tokens_PTC, before)


def test_parts_are_seen_in_the_placed_blocks_alone() -> None:
    """A run of one block on a branch alone is the run on all, unless parts are seen in it."""
    inputs = small_inputs((3,))
    branch = _branch()
    alone = replace(rows(inputs, [0], objects=[0], counts=(1,)), has_global=False)
    for index in range(5):
        with torch.no_grad():
            one, many = branch.start(alone), branch.start(inputs)
            branch.step(one, index)
            branch.step(many, index)
        same = torch.allclose(one.tokens_PTC[0], many.tokens_PTC[0], atol=1e-5)
        assert same == (index not in branch.config.places.geometry_parts)


def test_boxes_are_asked_in_the_placed_blocks_alone() -> None:
    branch, inputs = _branch(), small_inputs((3,))
    for index in range(5):
        with torch.no_grad():
            told, untold = branch.start(inputs), branch.start(inputs.without_boxes())
            branch.step(told, index)
            branch.step(untold, index)
        same = torch.equal(told.tokens_PTC[:2], untold.tokens_PTC[:2])
        assert same == (index not in branch.config.places.boxes)
