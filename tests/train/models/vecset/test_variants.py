from __future__ import annotations

import pytest
import torch

from train.models.vecset.model import VecSetAutoencoder
from train.models.vecset.variants import VARIANTS

PARAMETERS = {
    "craftsman-v1.5": 184_462_209,
    "craftsman-ae": 184_522_113,
    "craftsman-arxiv": 184_658_817,
    "craftsman-dora": 191_591_553,
    "triposg": 242_662_017,
    "vecset": 106_215_041,
}


def _count(name: str) -> int:
    with torch.device("meta"):
        model = VecSetAutoencoder(VARIANTS[name])
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_of_published_networks(name: str) -> None:
    assert _count(name) == PARAMETERS[name]


def test_parameters_of_autopartgen() -> None:
    """By hand, of layers with d channels: 12 d² + 10 d in a block without biases of q, k and v."""

    def block(width: int, *, cross: bool) -> int:
        attention = 4 * width**2 + width
        mlp = 8 * width**2 + 5 * width
        return attention + mlp + (3 if cross else 2) * 2 * width

    encoder = 54 * 768 + 768 + block(768, cross=True) + 8 * block(768, cross=False) + 2 * 768
    bottleneck = 768 * 128 + 128 + 64 * 1024 + 1024
    decoder = 16 * block(1024, cross=False) + 51 * 1024 + 1024 + block(1024, cross=True)
    assert _count("autopartgen") == encoder + bottleneck + decoder + 2 * 1024 + 1024 + 1


def test_autopartgen_draws_its_tokens_from_two_numbers() -> None:
    assert VARIANTS["autopartgen"].token_choices == (512, 2048)
    assert VARIANTS["autopartgen"].max_points == 32768
