"""The autoencoder between images and the latents that PixArt-alpha denoises.

Shape suffixes: N images, H W their sides in pixels, D latent channels, h w sides of a latent.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from train.models.external.errors import CheckpointError
from train.models.external.hub import locate, readable, require_covered

_PART = "vae"


class ImageAutoencoder:
    """A frozen `diffusers.AutoencoderKL`, such as Stable Diffusion's `sd-vae-ft-ema`.

    It is no module, so that a network that holds it neither trains nor saves it.

    Args:
        network: in evaluation mode and without gradients from here on.
    """

    def __init__(self, network: Any) -> None:
        self.network = network.eval().requires_grad_(False)
        self.factor = 2 ** (len(network.config.block_out_channels) - 1)

    @property
    def latent_channels(self) -> int:
        """D."""
        channels: int = self.network.config.latent_channels
        return channels

    def to(self, device: torch.device | str, dtype: torch.dtype = torch.float32) -> None:
        """Move the weights."""
        self.network.to(device, dtype)

    @torch.no_grad()
    def encode(self, images_N3HW: Tensor, *, generator: torch.Generator | None = None) -> Tensor:
        """(N, D, h, w) latents at the scale that the denoiser was trained on.

        Args:
            images_N3HW: from 0 to 1, sides a multiple of `factor`.
            generator: draw from the posterior with it; None takes the mean.
        """
        height, width = images_N3HW.shape[-2:]
        if height % self.factor or width % self.factor:
            raise ValueError(
                f"images of {height} by {width} pixels, expected multiples of {self.factor}"
            )
        posterior = self.network.encode(2 * self._own(images_N3HW) - 1).latent_dist
        latents: Tensor = posterior.mode() if generator is None else posterior.sample(generator)
        scaled: Tensor = latents * self.network.config.scaling_factor
        return scaled.float()

    @torch.no_grad()
    def decode(self, latents_NDhw: Tensor) -> Tensor:
        """(N, 3, H, W) images from 0 to 1."""
        scaled = self._own(latents_NDhw) / self.network.config.scaling_factor
        images: Tensor = self.network.decode(scaled).sample
        return (images.float() / 2 + 0.5).clamp(0, 1)

    def _own(self, tensor: Tensor) -> Tensor:
        return tensor.to(self.network.device, self.network.dtype)


def load_image_autoencoder(source: str | Path) -> ImageAutoencoder:
    """The autoencoder of a folder or hub name, on the CPU in float32.

    Args:
        source: see `train.models.external.hub.locate`; a hub name is of a whole pipeline.

    Raises:
        CheckpointError: it cannot be read, or its weights are not total.
    """
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

    arguments = locate(source, _PART)
    with readable(source, _PART):
        network, account = AutoencoderKL.from_pretrained(
            **arguments,
            use_safetensors=True,
            output_loading_info=True,
            torch_dtype=torch.float32,
            low_cpu_mem_usage=False,
        )
        require_covered(source, _PART, account)
    if network.config.latent_channels != 4:
        raise CheckpointError(
            f"the autoencoder of {source} has {network.config.latent_channels} latent channels,"
            " expected 4, which PixArt-alpha denoises"
        )
    return ImageAutoencoder(network)
