from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tests.train.models.dit.sizes import SMALL, small_dit
from train.models.dit.block import DiTBlock, initialise_block, make_norm
from train.models.dit.config import DiTConfig


def _inputs() -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(3)
    shapes = ((2, 4, 16), (2, 3, 16), (2, 6, 16))
    x, context, modulation = (torch.randn(*shape, generator=generator) for shape in shapes)
    return x, context, modulation


def test_a_new_block_changes_nothing() -> None:
    torch.manual_seed(0)
    block = DiTBlock(DiTConfig(**SMALL))
    x, context, modulation = _inputs()
    assert not torch.equal(block(x, context, modulation), x)
    initialise_block(block)
    assert torch.equal(block(x, context, modulation), x)


def test_a_block_is_the_one_that_diffusers_has() -> None:
    """Its `ada_norm_single`, with an exact GELU and learned gains, bit for bit."""
    from diffusers.models.attention import BasicTransformerBlock

    ours = small_dit().blocks[0]
    assert isinstance(ours, DiTBlock)
    theirs = BasicTransformerBlock(
        16,
        2,
        8,
        cross_attention_dim=16,
        activation_fn="gelu",
        num_embeds_ada_norm=1000,
        attention_bias=False,
        norm_type="ada_norm_single",
        norm_elementwise_affine=True,
        norm_eps=1e-6,
    )
    names = {
        "modulation": "scale_shift_table",
        "attention": "attn1",
        "cross": "attn2",
        "norm": "norm1",
        "norm_mlp": "norm2",
        "to_out": "to_out.0",
        "mlp.widen": "ff.net.0.proj",
        "mlp.narrow": "ff.net.2",
    }

    def renamed(key: str) -> str:
        for our_name, name in names.items():
            if f".{our_name}." in f".{key}.":
                key = f".{key}.".replace(f".{our_name}.", f".{name}.").strip(".")
        return key

    state = {renamed(key): weight for key, weight in ours.state_dict().items()}
    missing, unexpected = theirs.load_state_dict(state, strict=False)
    assert not unexpected and all(key.startswith("norm3") for key in missing)
    x, context, modulation = _inputs()
    with torch.no_grad():
        wanted = theirs(x, encoder_hidden_states=context, timestep=modulation.flatten(1))
        assert torch.equal(ours(x, context, modulation), wanted)


def test_something_may_be_added_between_the_attentions() -> None:
    block = small_dit().blocks[0]
    x, context, modulation = _inputs()
    seen: list[Tensor] = []

    def between(tokens: Tensor) -> Tensor:
        seen.append(tokens)
        return torch.zeros_like(tokens)

    with torch.no_grad():
        plain = block(x, context, modulation)
        assert torch.equal(block(x, context, modulation, between=between), plain)
        gate = (block.modulation[None] + modulation)[:, 2:3]
        assert isinstance(block, DiTBlock)
        shift, scale = (block.modulation[None] + modulation)[:, :2].chunk(2, dim=1)
        torch.testing.assert_close(
            seen[0], x + gate * block.attention(block.norm(x) * (1 + scale) + shift)
        )
        moved = block(x, context, modulation, between=torch.ones_like)
    assert not torch.equal(moved, plain)


@pytest.mark.parametrize(("norm", "kind"), [("layer", nn.LayerNorm), ("rms", nn.RMSNorm)])
def test_norms(norm: str, kind: type[nn.Module]) -> None:
    config = DiTConfig(**{**SMALL, "norm": norm})
    assert isinstance(make_norm(config, 16, eps=1e-6), kind)
