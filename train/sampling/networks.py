"""A generator made of networks: a joint denoiser, a part VAE, an image VAE, a text encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from partworks.errors import UsageError
from train.metrics.mesh import TriangleMesh
from train.models.joint.inputs import JointInputs, JointNoise
from train.models.part_vae.module import PartVAEModule
from train.sampling.generator import LatentSizes, TextFeatures
from train.schedules.discrete import NoiseSchedule

_CHUNK = 16
"""Parts, or views, that an encoder or decoder has at a time."""


class ImageCodec(Protocol):
    """An image VAE, with its latents scaled as the denoiser has them."""

    def encode(self, images_K3HW: Tensor) -> Tensor:
        """(K, 4, h, w) mean latents of sRGB in -1…1."""
        ...

    def decode(self, latents_K4HW: Tensor) -> Tensor:
        """(K, 3, H, W) sRGB in -1…1."""
        ...


class NetworkGenerator:
    """See `train.sampling.generator.Generator`.

    Args:
        denoiser: such as a `JointDenoiser`, on `device` and in evaluation mode.
        vae: of parts; None for a denoiser of images alone.
        images: the image VAE; None for a denoiser of geometry alone.
        text: (N, L, E) features and (N, L) mask of N texts.
        sizes: of latents.
        geometry_schedule: that the denoiser was trained with.
        image_schedule: likewise.
        resolution: of the grid that meshes are extracted from; that of the VAE's training by
            default.
        device: of all networks.
    """

    def __init__(
        self,
        denoiser: Callable[[JointInputs], JointNoise],
        *,
        vae: PartVAEModule | None,
        images: ImageCodec | None,
        text: Callable[[Sequence[str]], tuple[Tensor, Tensor]],
        sizes: LatentSizes,
        geometry_schedule: NoiseSchedule,
        image_schedule: NoiseSchedule,
        resolution: int | None = None,
        device: torch.device,
    ) -> None:
        if (vae is None) != (sizes.geometry is None) or (images is None) != (sizes.images is None):
            raise ValueError(f"sizes are {sizes}; give a VAE for each modality that has one")
        if vae is not None and vae.model.config.sharp_points:
            raise UsageError(
                "this part VAE reads points on sharp edges, which boxes are not given with; sample "
                "with one that does not"
            )
        self.sizes = sizes
        self.geometry_schedule, self.image_schedule = geometry_schedule, image_schedule
        self.device = device
        self._denoiser, self._vae, self._images, self._text = denoiser, vae, images, text
        self._resolution = resolution

    def denoise(self, inputs: JointInputs) -> JointNoise:
        """See `Generator.denoise`."""
        return self._denoiser(inputs)

    def text_features(self, texts: Sequence[str]) -> TextFeatures:
        """See `Generator.text_features`; equal texts are encoded once."""
        own = list(dict.fromkeys(texts))
        tokens, mask = self._text(own)
        rows = [own.index(text) for text in texts]
        return TextFeatures(tokens=tokens.to(self.device)[rows], mask=mask.to(self.device)[rows])

    def encode_points(self, surface_NS6: Tensor) -> Tensor:
        """See `Generator.encode_points`."""
        vae, sizes = self._vae, self.sizes
        assert vae is not None
        assert sizes.geometry is not None
        tokens = sizes.geometry[0]
        numbers = 3 + vae.model.config.point_features
        means = [
            vae.encode(chunk[..., :numbers], tokens=tokens).mean_BTD
            for chunk in torch.split(surface_NS6, _CHUNK)
        ]
        return torch.cat(means).float()

    def encode_images(self, images_NVHW3: Tensor) -> Tensor:
        """See `Generator.encode_images`."""
        assert self._images is not None
        flat = 2 * images_NVHW3.flatten(0, 1).permute(0, 3, 1, 2) - 1
        latents = [self._images.encode(chunk) for chunk in torch.split(flat, _CHUNK)]
        found = torch.cat(latents).float()
        return found.reshape(*images_NVHW3.shape[:2], *found.shape[1:])

    def decode_geometry(self, latents_NTD: Tensor) -> list[TriangleMesh]:
        """See `Generator.decode_geometry`: by FlexiCubes, or dual marching cubes of a VAE without.

        Parts are decoded one at a time, for each has a grid of its own.
        """
        vae = self._vae
        assert vae is not None
        return [
            mesh
            for latent in torch.split(latents_NTD, 1)
            for mesh in vae.reconstruct(latent, resolution=self._resolution)
        ]

    def decode_images(self, latents_NV4HW: Tensor) -> Tensor:
        """See `Generator.decode_images`."""
        assert self._images is not None
        pictures = [
            self._images.decode(chunk) for chunk in torch.split(latents_NV4HW.flatten(0, 1), _CHUNK)
        ]
        color = (torch.cat(pictures).float().permute(0, 2, 3, 1) + 1) / 2
        return color.clamp(0, 1).reshape(*latents_NV4HW.shape[:2], *color.shape[1:])
