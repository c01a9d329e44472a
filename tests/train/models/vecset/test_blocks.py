from __future__ import annotations

from math import sqrt

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from train.models.vecset.blocks import MLP, Block, Stack, initialise_blocks
from train.models.vecset.config import BlockConfig

STYLE = BlockConfig()


def _run_both(save_memory: bool) -> dict[str, Tensor]:
    torch.manual_seed(0)
    stack = Stack(3, width=8, heads=2, style=STYLE, save_memory=save_memory)
    x = torch.randn(2, 5, 8).requires_grad_()
    out = stack(x)
    out.square().sum().backward()
    assert x.grad is not None
    gradients = {name: p.grad for name, p in stack.named_parameters() if p.grad is not None}
    return {"out": out.detach(), "x": x.grad, **gradients}


def test_recomputation_changes_no_bit() -> None:
    plain, saved = _run_both(False), _run_both(True)
    assert plain.keys() == saved.keys()
    assert all(torch.equal(plain[name], saved[name]) for name in plain)


def test_recomputation_keeps_only_the_inputs_of_blocks() -> None:
    """Counted in numbers that autograd saves, without those of the parameters themselves."""

    def saved_numbers(save_memory: bool) -> int:
        stack = Stack(3, width=8, heads=2, style=STYLE, save_memory=save_memory)
        parameters = {p.data_ptr() for p in stack.parameters()}
        total = 0

        def pack(tensor: Tensor) -> Tensor:
            nonlocal total
            if tensor.data_ptr() not in parameters:
                total += tensor.numel()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            stack(torch.randn(2, 5, 8).requires_grad_())
        return total

    assert saved_numbers(True) <= 3 * 2 * 5 * 8
    # The MLP alone has two layers' inputs four times as wide.
    assert saved_numbers(False) > 8 * 3 * 2 * 5 * 8


def test_a_block_is_two_residual_steps() -> None:
    torch.manual_seed(0)
    block = Block(8, heads=2, style=STYLE, cross=True)
    assert block.norm_context is not None and block.mlp is not None and block.norm_mlp is not None
    x, context = torch.randn(1, 3, 8), torch.randn(1, 4, 8)
    middle = x + block.attention(block.norm(x), block.norm_context(context))
    torch.testing.assert_close(block(x, context), middle + block.mlp(block.norm_mlp(middle)))


def test_a_bare_block_is_its_attention() -> None:
    torch.manual_seed(0)
    block = Block(8, heads=1, style=STYLE, cross=True, bare=True)
    assert block.norm_context is not None
    x, context = torch.randn(1, 3, 8), torch.randn(1, 4, 8)
    expected = block.attention(block.norm(x), block.norm_context(context))
    assert torch.equal(block(x, context), expected)


def test_gated_mlp() -> None:
    torch.manual_seed(0)
    mlp = MLP(4, kind="geglu")
    x = torch.randn(2, 4)
    both = x @ mlp.widen.weight.T + mlp.widen.bias
    expected = (both[:, :16] * gelu(both[:, 16:])) @ mlp.narrow.weight.T + mlp.narrow.bias
    torch.testing.assert_close(mlp(x), expected)


@pytest.mark.parametrize("width", [64, 256])
def test_blocks_start_small(width: int) -> None:
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Linear(width, width),
        Block(width, heads=2, style=BlockConfig(qkv_bias=True)),
    )
    before = module[0].weight.clone()
    initialise_blocks(module, width)
    assert torch.equal(module[0].weight, before), "only blocks are touched"
    linears = [layer for layer in module[1].modules() if isinstance(layer, nn.Linear)]
    assert len(linears) == 6
    for layer in linears:
        assert float(layer.weight.detach().std()) == pytest.approx(0.25 / sqrt(width), rel=0.05)
        assert not layer.bias.any()
