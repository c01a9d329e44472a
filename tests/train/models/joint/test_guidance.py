from __future__ import annotations

import torch

from train.models.joint.guidance import Exchange, GuidedAttention


def test_nothing_is_added_at_first_and_only_the_last_layer_learns() -> None:
    torch.manual_seed(0)
    layer = GuidedAttention(8, context_width=6, heads=2)
    added = layer(torch.randn(2, 3, 8), torch.randn(2, 5, 6))
    assert added.shape == (2, 3, 8) and not added.any()
    (added - 1).square().sum().backward()
    for name, weight in layer.named_parameters():
        assert weight.grad is not None
        assert bool(weight.grad.any()) == name.startswith("zero."), name


def test_both_read_what_was_before() -> None:
    """Eq. 3: the right sides are unprimed."""
    torch.manual_seed(0)
    exchange = Exchange(geometry=(8, 2), images=(6, 3))
    with torch.no_grad():
        for weight in exchange.parameters():
            weight.copy_(torch.randn(weight.shape))
    geometry, images = torch.randn(2, 3, 8), torch.randn(2, 5, 6)
    one, other = exchange(geometry, images)
    torch.testing.assert_close(one, geometry + exchange.to_geometry(geometry, images))
    torch.testing.assert_close(other, images + exchange.to_images(images, geometry))
    assert not torch.equal(one, geometry) and not torch.equal(other, images)


def test_the_published_size() -> None:
    with torch.device("meta"):
        exchange = Exchange(geometry=(1024, 16), images=(1152, 16))
    assert round(sum(w.numel() for w in exchange.parameters()) / 1e5) == 118
