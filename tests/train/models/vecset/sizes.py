"""Small networks and clouds for tests."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import normalize

from train.models.vecset.config import BlockConfig, VecSetConfig
from train.models.vecset.model import VecSetAutoencoder

SMALL: dict[str, Any] = {
    "frequencies": 3,
    "max_points": None,
    "tokens": 6,
    "latent_dim": 5,
    "width": 16,
    "heads": 2,
    "encoder_layers": 1,
    "decoder_layers": 2,
}

SHAPES: dict[str, dict[str, Any]] = {
    "craftsman": {},
    "learned": {"query_kind": "learned", "block": BlockConfig(qkv_bias=True)},
    "dora": {
        "sharp_points": True,
        "half_precision_sampling": True,
        "block": BlockConfig(qk_norm=True),
    },
    "triposg": {"decoder_width": 24, "output": "sdf", "field_sign": -1},
    "vecset": {
        "point_features": 0,
        "include_pi": True,
        "encoder_layers": 0,
        "encoder_norm": False,
        "read_heads": 1,
        "block": BlockConfig(mlp="geglu"),
        "query_block": "bare",
        "shared_projection": True,
    },
    "autopartgen": {"decoder_width": 24, "output": "sdf", "inside": "negative"},
}
"""One small network of each published kind."""


def small_config(kind: str = "craftsman", **settings: Any) -> VecSetConfig:
    return VecSetConfig(**{**SMALL, **SHAPES[kind], **settings})


def small_model(kind: str = "craftsman", **settings: Any) -> VecSetAutoencoder:
    """With weights large enough for every one to matter."""
    torch.manual_seed(0)
    model = VecSetAutoencoder(small_config(kind, **settings))
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.2 * torch.randn(parameter.shape, generator=generator))
    return model


def cloud(*, points: int = 40, features: int = 3, batch: int = 2, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    normal = normalize(torch.randn(batch, points, 3, generator=generator), dim=-1)
    return torch.cat([normal * torch.tensor([0.9, 0.6, 0.4]), normal[..., :features]], dim=-1)


def inputs(model: VecSetAutoencoder) -> dict[str, Tensor]:
    """What `encode` needs."""
    features = model.config.point_features
    given = {"surface_BSF": cloud(features=features)}
    if model.config.sharp_points:
        given["sharp_BSF"] = cloud(features=features, points=30, seed=5)
    return given


def questions(*, count: int = 11, batch: int = 2) -> Tensor:
    return torch.rand(batch, count, 3, generator=torch.Generator().manual_seed(2)) * 2 - 1
