from __future__ import annotations

import torch

from train.models.joint.text import BranchEmbedding, TextAdapter

FLAGS = torch.tensor([False, True, False])


def test_one_more_token_for_every_branch() -> None:
    torch.manual_seed(0)
    layer = BranchEmbedding(6, kind="concat")
    context, mask = torch.randn(3, 4, 6), torch.arange(4) < torch.tensor([[1], [4], [2]])
    tokens, seen = layer(context, mask, is_global_P=FLAGS)
    assert torch.equal(tokens[:, :4], context) and torch.equal(seen[:, :4], mask)
    assert seen[:, 4].all()
    part, whole = layer.part_and_global
    assert torch.equal(tokens[:, 4], torch.stack([part, whole, part])) and (part != whole).all()
    assert 0.005 < BranchEmbedding(500, kind="concat").part_and_global.std() < 0.05


def test_added_at_first_it_is_nothing() -> None:
    layer = BranchEmbedding(6, kind="add_zero")
    context, mask = torch.randn(3, 4, 6), torch.ones(3, 4, dtype=torch.bool)
    tokens, seen = layer(context, mask, is_global_P=FLAGS)
    assert torch.equal(tokens, context) and seen is mask
    with torch.no_grad():
        layer.part_and_global[1] += 2
    moved, _ = layer(context, mask, is_global_P=FLAGS)
    assert torch.equal(moved != tokens, FLAGS[:, None, None].expand(3, 4, 6))


def test_text_of_any_scale_is_read_alike() -> None:
    torch.manual_seed(0)
    layer, text = TextAdapter(10, 6), torch.randn(2, 3, 10)
    assert layer(text).shape == (2, 3, 6)
    torch.testing.assert_close(layer(100 * text), layer(text), rtol=1e-4, atol=1e-4)
