"""PixArt-alpha's published denoisers."""

from __future__ import annotations

import logging
from pathlib import Path

from train.models.external.hub import locate, readable, require_covered
from train.models.pixart.model import ImageDenoiser

_logger = logging.getLogger(__name__)
_PART = "transformer"


def load_image_denoiser(source: str | Path, *, checkpoint_blocks: bool = False) -> ImageDenoiser:
    """The denoiser of image latents from a folder or a hub name, on the CPU in float32.

    The network that was trained for 512 pixels also reads 256, with positions to the same scale.

    Args:
        source: see `train.models.external.hub.locate`.
        checkpoint_blocks: of `ImageDenoiser`.

    Raises:
        CheckpointError: it cannot be read, or its weights are not total.
    """
    import torch
    from diffusers.models.transformers.pixart_transformer_2d import PixArtTransformer2DModel

    arguments = locate(source, _PART)
    with readable(source, _PART):
        network, account = PixArtTransformer2DModel.from_pretrained(
            **arguments,
            use_safetensors=True,
            output_loading_info=True,
            torch_dtype=torch.float32,
            low_cpu_mem_usage=False,
        )
        require_covered(source, _PART, account)
        denoiser = ImageDenoiser(network, checkpoint_blocks=checkpoint_blocks)
    _logger.info("loaded the %s of %s: %d tensors", _PART, source, len(denoiser.state_dict()))
    return denoiser
