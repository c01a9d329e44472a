from __future__ import annotations

import torch

from tests.train.models.pixart.made import small_network
from train.models.joint.control import BoxControl
from train.models.pixart.config import PixArtConfig
from train.models.pixart.model import ImageDenoiser


def test_blocks_are_copied_and_what_is_around_them_starts_at_0() -> None:
    network = ImageDenoiser(small_network())
    control = BoxControl(network, blocks=1)
    block, copy = network.transformer_blocks[0], control.copies[0]
    pairs = list(zip(block.parameters(), copy.parameters(), strict=True))
    assert all(torch.equal(a, b) for a, b in pairs)
    assert not {a.data_ptr() for a, _ in pairs} & {b.data_ptr() for _, b in pairs}
    for layer in (control.hint_in, *control.zeros):
        assert not any(weight.any() for weight in layer.parameters())
    with torch.no_grad():
        for weight in block.parameters():
            weight.add_(1)
    assert not any(torch.equal(a, b) for a, b in pairs)
    control.copy_from(network)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_the_published_size() -> None:
    """13 blocks of 21.26 M and 14 linear layers."""
    with torch.device("meta"):
        control = BoxControl(ImageDenoiser.new(PixArtConfig()), blocks=13)
    assert len(control.zeros) == 13
    assert round(sum(w.numel() for w in control.parameters()) / 1e5) == 2949
