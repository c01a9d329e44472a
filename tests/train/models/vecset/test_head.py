from __future__ import annotations

import pytest
import torch

from tests.train.models.vecset.sizes import SHAPES, inputs, questions, small_model
from train.models.vecset.head import with_flexicubes_head
from train.models.vecset.lattice import lattice_points


@pytest.mark.parametrize("kind", sorted(SHAPES))
def test_the_first_surface_is_the_pretrained_one(kind: str) -> None:
    """Channel 0 is the field, negative inside, to the last bit; all else is neutral."""
    model = small_model(kind)
    widened = with_flexicubes_head(model)
    latent = model.encode(**inputs(model)).mean_BTD
    assert torch.equal(widened.encode(**inputs(model)).mean_BTD, latent)
    points = lattice_points(6).expand(2, -1, -1)
    field = model.query(model.decode(latent), points)
    raw = widened.query(widened.decode(latent), points)
    assert raw.shape == (2, 343, 25)
    inside = field if model.config.inside == "negative" else -field
    assert torch.equal(raw[..., :1], inside)
    assert not raw[..., 1:].any()


def test_the_pretrained_network_keeps_its_weights() -> None:
    model = small_model("triposg")
    before = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    widened = with_flexicubes_head(model)
    with torch.no_grad():
        for parameter in widened.parameters():
            parameter.add_(1)
    assert all(torch.equal(model.state_dict()[key], tensor) for key, tensor in before.items())


def test_all_channels_can_learn() -> None:
    widened = with_flexicubes_head(small_model())
    widened.query(widened.decode(torch.ones(2, 6, 5)), questions()).sum().backward()
    assert widened.field.cubes is not None
    gradient = widened.field.cubes.weight.grad
    assert gradient is not None and bool(gradient.any(dim=1).all())


def test_kind_and_mode_are_kept() -> None:
    widened = with_flexicubes_head(small_model().double().eval())
    assert not widened.training
    assert {parameter.dtype for parameter in widened.parameters()} == {torch.float64}


def test_once_is_enough() -> None:
    with pytest.raises(ValueError, match="already"):
        with_flexicubes_head(with_flexicubes_head(small_model()))
