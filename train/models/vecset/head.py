"""A pretrained field made into FlexiCubes parameters."""

from __future__ import annotations

from dataclasses import replace

import torch

from train.models.vecset.model import VecSetAutoencoder


@torch.no_grad()
def with_flexicubes_head(model: VecSetAutoencoder) -> VecSetAutoencoder:
    """The same network with 25 output channels, whose surface is the same at first.

    Channel 0 is the field turned to be negative inside, to the last bit; the others, the
    deformation 3, alpha 8, beta 12 and gamma 1, are 0 everywhere, which is dual marching cubes.

    Raises:
        ValueError: the network has that head already.
    """
    config = model.config
    if config.output == "flexicubes":
        raise ValueError("the network already has 25 output channels")
    turned = config.field_sign * (-1 if config.inside == "positive" else 1)
    like = model.to_moments.weight
    with torch.device("meta"):
        widened = VecSetAutoencoder(
            replace(config, output="flexicubes", inside="negative", field_sign=1)
        )
    widened.to_empty(device=like.device).to(like.dtype)
    assert widened.field.cubes is not None
    for parameter in widened.field.cubes.parameters():
        parameter.zero_()
    left, unknown = widened.load_state_dict(model.state_dict(), strict=False)
    assert set(left) == {"field.cubes.weight", "field.cubes.bias"} and not unknown
    for parameter in widened.field.signed.parameters():
        parameter.mul_(turned)
    return widened.train(model.training)
