from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from tests.train.encode.made import Holder
from train.encode.tokens import token_points

SETTINGS: list[dict[str, Any]] = [
    {}, {"max_points": 30}, {"half_precision_sampling": True},
    {"sharp_points": True, "max_points": 30},
]  # fmt: skip


@pytest.mark.parametrize("settings", SETTINGS)
def test_they_are_the_points_whose_features_the_encoder_starts_from(
    settings: dict[str, Any],
) -> None:
    network = Holder(**settings).model
    generator = torch.Generator().manual_seed(0)
    clouds = [torch.rand(2, count, 6, generator=generator) * 2 - 1 for count in (80, 50)]
    sharp = clouds[1] if settings.get("sharp_points") else None
    asked: list[Tensor] = []
    network.encoder.read.register_forward_pre_hook(lambda block, inputs: asked.append(inputs[0]))
    network.encode(clouds[0], sharp_BSF=sharp, tokens=7)
    points = token_points(network.config, clouds[0], sharp_BSF=sharp, tokens=7)
    assert points is not None and points.shape == (2, 7, 3)
    given = clouds[0] if sharp is None else torch.cat(clouds, dim=1)
    for shape in range(2):
        same = (given[shape, :, None, :3] == points[shape, None]).all(dim=-1)
        assert (same.sum(dim=0) == 1).all()
        rows = given[shape, same.float().argmax(dim=0)]
        features = network.encoder._features(rows[None])
        layers = [network.encoder.point_in] * 7
        if network.encoder.sharp_in is not None:
            layers[3:] = [network.encoder.sharp_in] * 4
        expected = torch.stack([layer(features[0, row]) for row, layer in enumerate(layers)])
        assert torch.allclose(asked[0][shape], expected, atol=1e-6)


def test_learned_queries_start_nowhere() -> None:
    config = Holder(query_kind="learned").model.config
    assert token_points(config, torch.zeros(1, 9, 6), sharp_BSF=None, tokens=6) is None
