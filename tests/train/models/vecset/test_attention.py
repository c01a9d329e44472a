from __future__ import annotations

import pytest
import torch
from torch import Tensor

from train.models.vecset.attention import Attention
from train.models.vecset.config import BlockConfig


def _attention(**style: bool) -> Attention:
    torch.manual_seed(0)
    return Attention(12, heads=3, style=BlockConfig(**style)).double()


def _by_loops(layer: Attention, x: Tensor, context: Tensor) -> Tensor:
    """One head, one token at a time."""
    q, k, v = layer.to_q(x), layer.to_k(context), layer.to_v(context)
    out = torch.zeros_like(q)
    for head in range(3):
        part = slice(4 * head, 4 * head + 4)
        for b in range(len(x)):
            keys = k[b, :, part]
            if layer.k_norm is not None:
                keys = layer.k_norm(keys)
            for n in range(x.shape[1]):
                query = q[b, n, part]
                if layer.q_norm is not None:
                    query = layer.q_norm(query)
                weights = torch.softmax(keys @ query / 2, dim=0)
                out[b, n, part] = weights @ v[b, :, part]
    result: Tensor = layer.to_out(out)
    return result


@pytest.mark.parametrize("style", [{}, {"qkv_bias": True}, {"qk_norm": True}])
def test_equals_its_formula(style: dict[str, bool]) -> None:
    layer = _attention(**style)
    x, context = torch.randn(2, 5, 12).double(), torch.randn(2, 7, 12).double()
    for double_backward in (False, True):
        found = layer(x, context, double_backward=double_backward)
        torch.testing.assert_close(found, _by_loops(layer, x, context), rtol=0, atol=1e-12)


def test_gradients_of_gradients() -> None:
    layer = _attention(qk_norm=True)
    x = torch.randn(1, 2, 12).double().requires_grad_()
    context = torch.randn(1, 3, 12).double().requires_grad_()
    assert torch.autograd.gradgradcheck(
        lambda a, b: layer(a, b, double_backward=True), (x, context)
    )


def test_queries_and_keys_have_norms_of_their_own() -> None:
    layer = _attention(qk_norm=True)
    assert layer.q_norm is not None and layer.q_norm is not layer.k_norm
    assert layer.q_norm.normalized_shape == (4,)
    assert layer.q_norm.eps == 1e-6
