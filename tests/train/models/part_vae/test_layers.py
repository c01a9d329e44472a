from __future__ import annotations

import torch

from train.models.part_vae.layers import Attention, Block, FourierFeatures


def test_fourier_features_are_coordinates_sines_cosines() -> None:
    features = FourierFeatures(2)
    point = torch.tensor([[[0.1, 0.2, 0.3]]])
    expected = [0.1, 0.2, 0.3]
    for wave in (torch.sin, torch.cos):
        expected += [float(wave(torch.tensor(x * f))) for x in (0.1, 0.2, 0.3) for f in (1, 2)]
    assert features.width == 15
    torch.testing.assert_close(features(point)[0, 0], torch.tensor(expected))
    assert not list(features.state_dict())


def test_attention_agrees_with_its_formula() -> None:
    torch.manual_seed(0)
    layer = Attention(8, heads=2)
    x, context = torch.randn(3, 4, 8), torch.randn(3, 5, 8)
    q = layer.to_q(x).reshape(3, 4, 2, 4)
    k, v = (t.reshape(3, 5, 2, 4) for t in layer.to_kv(context).chunk(2, dim=-1))
    weights = (torch.einsum("bnhe,bmhe->bhnm", q, k) / 2).softmax(-1)
    expected = layer.to_out(torch.einsum("bhnm,bmhe->bnhe", weights, v).reshape(3, 4, 8))
    torch.testing.assert_close(layer(x, context), expected)


def test_a_cross_block_hears_the_context_and_not_the_other_tokens() -> None:
    torch.manual_seed(0)
    block = Block(8, heads=2, cross=True)
    x, context = torch.randn(1, 4, 8), torch.randn(1, 5, 8)
    out = block(x, context)
    torch.testing.assert_close(block(x[:, :2], context), out[:, :2])
    assert not torch.allclose(block(x, context + torch.randn(1, 5, 8)), out)


def test_a_block_hears_the_other_tokens() -> None:
    torch.manual_seed(0)
    block = Block(8, heads=2)
    x = torch.randn(1, 4, 8)
    assert not torch.allclose(block(x)[:, :2], block(x[:, :2]))
