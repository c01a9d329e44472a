from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tests.train.models.joint.made import CHANNELS, small_inputs
from train.models.joint.boxes import BoxAttention, box_tokens


def _layer() -> BoxAttention:
    torch.manual_seed(0)
    layer = BoxAttention(8, latent_dim=CHANNELS, heads=2)
    with torch.no_grad():
        for weight in layer.parameters():
            weight.copy_(torch.randn(weight.shape))
    return layer


def test_who_is_told() -> None:
    inputs = small_inputs((3, 2))
    assert box_tokens(inputs.without_boxes(), global_boxes=True) is None
    boxes = box_tokens(inputs, global_boxes=False)
    assert boxes is not None and boxes.told_P.tolist() == [True, True, False, True, False]
    assert boxes.wholes == ()
    mask = torch.tensor([True, False, True, True, True])
    boxes = box_tokens(replace(inputs, box_mask=mask), global_boxes=True)
    assert boxes is not None and boxes.told_P.tolist() == [True, False, False, True, False]
    assert boxes.wholes == ((2, slice(0, 2)), (4, slice(3, 4)))
    assert box_tokens(small_inputs((1,)), global_boxes=True).wholes == ()  # type: ignore[union-attr]


def test_parts_ask_their_own_box_and_the_whole_asks_all_that_are_told() -> None:
    layer, inputs = _layer(), small_inputs((4,))
    assert inputs.boxes is not None
    mask = torch.tensor([True, False, True, True])
    boxes = box_tokens(replace(inputs, box_mask=mask), global_boxes=True)
    assert boxes is not None
    x = torch.randn(4, 6, 8, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        found = layer(x, boxes)
        for row in (0, 2):
            torch.testing.assert_close(found[[row]], layer.ask(x[[row]], inputs.boxes[[row]]))
        assert not found[1].any()
        told = inputs.boxes[[0, 2]].flatten(0, 1)[None]
        torch.testing.assert_close(found[[3]], layer.ask(x[[3]], told), rtol=0, atol=1e-4)


@pytest.mark.parametrize("fault", ["not finite", "none told"])
def test_unused_rows_do_not_reach_gradients(fault: str) -> None:
    layer, inputs = _layer(), small_inputs((3,))
    assert inputs.boxes is not None
    rows = inputs.boxes.clone()
    rows[2] = torch.nan
    told = torch.tensor([fault != "none told"] * 2 + [True])
    boxes = box_tokens(replace(inputs, boxes=rows, box_mask=told), global_boxes=True)
    assert boxes is not None
    x = torch.randn(3, 6, 8, requires_grad=True)
    added = layer(x, boxes)
    added.square().sum().backward()
    assert x.grad is not None and x.grad.isfinite().all() and added.isfinite().all()
    assert bool(added[2].any()) == bool(added[0].any()) == (fault != "none told")
