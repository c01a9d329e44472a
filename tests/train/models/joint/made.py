"""Small joint denoisers and inputs of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from train.models.dit.config import DiTConfig
from train.models.joint.config import JointConfig
from train.models.joint.inputs import JointInputs
from train.models.joint.model import JointDenoiser
from train.models.pixart.config import PixArtConfig

TOKENS, CHANNELS, VIEWS, SIDE, WORDS, TEXT = 6, 5, 3, 4, 4, 10


def small_config(**settings: Any) -> JointConfig:
    """With five blocks of geometry and four of images: every placement of the full size occurs."""
    sizes: dict[str, Any] = {
        "geometry": DiTConfig(latent_dim=CHANNELS, width=16, layers=5, heads=2, condition_width=7),
        "images": PixArtConfig(layers=4, heads=3, head_width=8, sample_size=SIDE, text_width=TEXT),
        "text_width": TEXT,
        "control_blocks": 2,
    }
    return JointConfig(**{**sizes, **settings})


def small_model(*, trained: bool = False, **settings: Any) -> JointDenoiser:
    """Pretrained networks with weights large enough for each to matter, in evaluation mode.

    Args:
        trained: the layers that start at 0 have weights as well.
    """
    torch.manual_seed(0)
    model = JointDenoiser(small_config(**settings)).eval()
    _stir(model.pretrained_parameters())
    if model.images is not None and model.images.control is not None:
        model.images.control.copy_from(model.images.network)
    if trained:
        _stir(model.new_parameters())
    return model


def small_inputs(
    counts: tuple[int, ...] = (3, 4), *, views: int = VIEWS, seed: int = 0, has_global: bool = True
) -> JointInputs:
    generator = torch.Generator().manual_seed(seed)
    branches, objects = sum(counts), len(counts)

    def noise(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    lengths = torch.randint(1, WORDS + 1, (branches, 1), generator=generator)
    return JointInputs(
        geometry=noise(branches, TOKENS, CHANNELS),
        images=noise(branches, views, 4, SIDE, SIDE),
        timesteps=torch.randint(0, 1000, (objects,), generator=generator),
        text=noise(branches, WORDS, TEXT),
        text_mask=torch.arange(WORDS) < lengths,
        boxes=noise(branches, 2, CHANNELS),
        box_images=noise(objects, views, 4, SIDE, SIDE),
        counts=counts,
        has_global=has_global,
    )


def rows(
    inputs: JointInputs, order: list[int], *, objects: list[int], **changes: Any
) -> JointInputs:
    """Some branches, and the objects that they belong to."""
    fields: dict[str, Any] = {
        name: None if (value := getattr(inputs, name)) is None else value[order]
        for name in ("geometry", "images", "text", "text_mask", "boxes", "box_mask")
    }
    for name in ("timesteps", "box_images"):
        value = getattr(inputs, name)
        fields[name] = None if value is None else value[objects]
    fields["counts"] = tuple(inputs.counts[index] for index in objects)
    return replace(inputs, **{**fields, **changes})


def _stir(parameters: Any) -> None:
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in parameters:
            weight.add_(0.2 * torch.randn(weight.shape, generator=generator))
