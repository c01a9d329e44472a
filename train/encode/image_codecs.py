"""What makes latents of pictures: a published autoencoder, or coarse pixels in its place.

Shape suffixes: K pictures, H W their sides in pixels, h w sides of a latent.
"""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from train.models.external.image_vae import ImageAutoencoder, load_image_autoencoder

PIXELS = "pixels"
"""The name of the codec that needs no weights."""

_WHITE = 1.0


class ImageCodec(Protocol):
    """Pictures to latents at the scale of the denoiser, and back."""

    factor: int
    """Pixels along a side of a latent's cell."""

    def to(self, device: torch.device) -> None:
        """Move the weights."""
        ...

    def encode(self, images_K3HW: Tensor) -> Tensor:
        """(K, 4, h, w) float32 mean latents of sRGB in -1…1."""
        ...

    def decode(self, latents_K4hw: Tensor) -> Tensor:
        """(K, 3, H, W) sRGB in -1…1."""
        ...

    def state(self) -> dict[str, Tensor]:
        """The weights by name."""
        ...


class PixelCodec:
    """Stands in for an autoencoder: cells of mean colour in -1…1, and how much is not background.

    See `ImageCodec`.
    """

    factor = 8

    def to(self, device: torch.device) -> None:
        """There is nothing to move."""
        del device

    def encode(self, images_K3HW: Tensor) -> Tensor:
        """See `ImageCodec.encode`; the background is white."""
        color = avg_pool2d(images_K3HW.float(), self.factor)
        drawn = (images_K3HW < _WHITE).any(dim=1, keepdim=True).float()
        return torch.cat([color, 2 * avg_pool2d(drawn, self.factor) - 1], dim=1)

    def decode(self, latents_K4hw: Tensor) -> Tensor:
        """See `ImageCodec.decode`."""
        color = latents_K4hw[:, :3].float().clamp(-1, 1)
        return interpolate(color, scale_factor=self.factor, mode="nearest")

    def state(self) -> dict[str, Tensor]:
        """It has none."""
        return {}


class PublishedCodec:
    """An `AutoencoderKL`; see `ImageCodec`."""

    def __init__(self, autoencoder: ImageAutoencoder) -> None:
        self.autoencoder = autoencoder
        self.factor = autoencoder.factor

    def to(self, device: torch.device) -> None:
        """Move the weights."""
        self.autoencoder.to(device)

    def encode(self, images_K3HW: Tensor) -> Tensor:
        """See `ImageCodec.encode`."""
        return self.autoencoder.encode((images_K3HW + 1) / 2)

    def decode(self, latents_K4hw: Tensor) -> Tensor:
        """See `ImageCodec.decode`."""
        return 2 * self.autoencoder.decode(latents_K4hw) - 1

    def state(self) -> dict[str, Tensor]:
        """The weights by name."""
        network: Any = self.autoencoder.network
        return dict(network.state_dict())


def make_image_codec(name: str) -> ImageCodec:
    """The codec of `EncodeConfig.image_codec`, on the CPU.

    Raises:
        CheckpointError: the published one cannot be read.
    """
    return PixelCodec() if name == PIXELS else PublishedCodec(load_image_autoencoder(name))
