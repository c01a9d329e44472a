from __future__ import annotations

import torch

from tests.train.models.pixart.made import small_network
from train.models.pixart.block import ImageBlock
from train.models.pixart.scopes import Views


def test_a_block_is_the_one_it_was_made_of() -> None:
    base = small_network().transformer_blocks[1]
    generator = torch.Generator().manual_seed(0)
    shapes = ((2, 8, 16), (2, 3, 16), (2, 6, 16))
    x, context, modulation = (torch.randn(*shape, generator=generator) for shape in shapes)
    with torch.no_grad():
        wanted = base(x, encoder_hidden_states=context, timestep=modulation.flatten(1))
        block = ImageBlock(base)
        assert torch.equal(block(x, context, modulation), wanted)
        apart = block(x, context, modulation, scope=Views(2))
    assert not torch.allclose(apart, wanted)
    assert block.state_dict().keys() == base.state_dict().keys()
