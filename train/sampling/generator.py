"""What sampling needs of trained networks.

Shape suffixes: B objects, P branches, N parts, V views, T tokens, D channels, L text tokens, E
channels of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from train.metrics.mesh import TriangleMesh
from train.models.joint.inputs import JointInputs, JointNoise
from train.schedules.discrete import NoiseSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class LatentSizes:
    """Sizes of a branch's latents.

    Attributes:
        geometry: tokens and channels; None for networks of pictures alone.
        images: views, channels, rows and columns; None for networks of geometry alone.
        pixels: along a side of a view.
    """

    geometry: tuple[int, int] | None
    images: tuple[int, int, int, int] | None
    pixels: int = 0

    def __post_init__(self) -> None:
        if self.geometry is None and self.images is None:
            raise ValueError("there are neither geometry nor images; give the sizes of one")
        if self.images is not None and self.pixels < 1:
            raise ValueError(f"views have {self.pixels} pixels along a side, expected at least 1")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextFeatures:
    """What a text encoder makes of some texts.

    Attributes:
        tokens: (N, L, E) float.
        mask: (N, L) bool, which tokens are text.
    """

    tokens: Tensor
    mask: Tensor


class Generator(Protocol):
    """Trained networks as sampling uses them; all tensors are on `device`."""

    sizes: LatentSizes
    geometry_schedule: NoiseSchedule
    image_schedule: NoiseSchedule
    device: torch.device

    def denoise(self, inputs: JointInputs) -> JointNoise:
        """What the joint denoiser tells."""
        ...

    def text_features(self, texts: Sequence[str]) -> TextFeatures:
        """Features of texts; that of "" stands for a dropped one."""
        ...

    def encode_points(self, surface_NS6: Tensor) -> Tensor:
        """(N, T, D) mean geometry latents of points with normals, in the object frame."""
        ...

    def encode_images(self, images_NVHW3: Tensor) -> Tensor:
        """(N, V, 4, h, w) mean image latents, scaled as the denoiser has them, of sRGB in 0…1."""
        ...

    def decode_geometry(self, latents_NTD: Tensor) -> list[TriangleMesh]:
        """Meshes in the object frame; empty where a latent has no surface."""
        ...

    def decode_images(self, latents_NV4HW: Tensor) -> Tensor:
        """(N, V, H, W, 3) float sRGB in 0…1."""
        ...
