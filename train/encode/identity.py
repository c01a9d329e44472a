"""What latents hang on besides the samples: the network, its weights, the settings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from train.encode.config import EncodeConfig
from train.encode.weights import Which
from train.models.vecset.config import VecSetConfig
from train.models.vecset.model import VecSetAutoencoder
from train.models.vecset.variants import VARIANTS

_CHUNK = 1 << 20


def identity_of(
    network: VecSetAutoencoder,
    *,
    config: EncodeConfig,
    checkpoint: dict[str, str] | None,
    companions: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A tree for JSON that says what made the latents.

    Args:
        config: one that is resolved.
        checkpoint: see `describe_checkpoint`; None where there was none.
        companions: see `train.encode.conditions.Companions.identity`.
    """
    return {
        "checkpoint": checkpoint,
        "weights_sha256": weights_sha256(network),
        "variant": variant_name(network.config),
        "network": asdict(network.config),
        "frame": {"part": config.frame, "object": "object", "box": "object"},
        "settings": {**asdict(config), "members": list(config.members)},
        **(companions or {}),
    }


def describe_checkpoint(path: Path, *, which: Which) -> dict[str, str]:
    """The name and SHA-256 of a file, and which of the weights in it were taken."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_CHUNK):
            digest.update(block)
    return {"name": path.name, "sha256": digest.hexdigest(), "weights": which}


def weights_sha256(network: VecSetAutoencoder) -> str:
    """Of names, shapes, types and bytes of all weights, whatever file they came in."""
    return tensors_sha256(network.state_dict())


def tensors_sha256(tensors: Mapping[str, Tensor]) -> str:
    """The same of any weights by name."""
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
        digest.update(_bytes(tensor))
    return digest.hexdigest()


def _bytes(tensor: Tensor) -> bytes:
    # numpy knows no bfloat16, but bytes.
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().tobytes()


def variant_name(config: VecSetConfig) -> str:
    """The published network whose encoder and latents these are; `custom` for others."""
    for name, variant in VARIANTS.items():
        head = ("output", "inside", "field_sign", "cell_size_input", "checkpoint_blocks")
        if replace(config, **{field: getattr(variant, field) for field in head}) == variant:
            return name
    return "custom"
