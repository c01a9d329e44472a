"""How many floating-point operations the joint denoisers need."""

from __future__ import annotations

import torch
from torch.utils.flop_counter import FlopCounterMode

from train.models.joint.config import JointConfig
from train.models.joint.inputs import JointInputs
from train.models.joint.model import JointDenoiser


def forward_operations(
    config: JointConfig,
    *,
    counts: tuple[int, ...],
    tokens: int = 768,
    views: int = 4,
    side: int = 32,
    words: int = 120,
) -> int:
    """Operations of matrix products in one forward pass; a product and its sum are two.

    They are counted by running the network without memory, which takes seconds at full size. A
    training step is three times as many, four with `checkpoint_blocks`.

    Args:
        counts: branches of each object, the global one among them.
        tokens: of the geometry latent, and of a box's.
        views: of a branch.
        side: of an image latent.
        words: text tokens.
    """
    with torch.device("meta"):
        model = JointDenoiser(config).eval()
        inputs = _inputs(config, counts=counts, tokens=tokens, views=views, side=side, words=words)
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            model(inputs)
    operations: int = counter.get_total_flops()
    return operations


def _inputs(
    config: JointConfig,
    *,
    counts: tuple[int, ...],
    tokens: int,
    views: int,
    side: int,
    words: int,
) -> JointInputs:
    branches, objects = sum(counts), len(counts)
    geometry, images = config.geometry, config.images
    latents = None if geometry is None else torch.zeros(branches, tokens, geometry.latent_dim)
    pictures = hints = None
    if images is not None:
        shape = (views, images.latent_channels, side, side)
        pictures, hints = torch.zeros(branches, *shape), torch.zeros(objects, *shape)
    return JointInputs(
        geometry=latents,
        images=pictures,
        timesteps=torch.zeros(objects, dtype=torch.int64),
        text=torch.zeros(branches, words, config.text_width),
        text_mask=torch.ones(branches, words, dtype=torch.bool),
        boxes=latents,
        box_images=hints,
        counts=counts,
    )
