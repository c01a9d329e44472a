"""Parts through the autoencoder and back into their object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from shards.reader import Points
from train.encode.clouds import Clouds, part_clouds
from train.encode.config import EncodeConfig
from train.metrics.mesh import TriangleMesh
from train.models.vecset.posterior import Posterior


@runtime_checkable
class Reconstructing(Protocol):
    """A module whose reconstructions can be compared."""

    def encode(self, surface_BSF: Tensor, *, sharp_BSF: Tensor | None = None) -> Posterior:
        """The posterior of (B, S, 6) points."""

    def reconstruct(
        self, latent_BTD: Tensor, *, resolution: int | None = None
    ) -> Sequence[TriangleMesh]:
        """The mesh of each latent, in the frame of its points; empty where it has no surface."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconstructionConfig:
    """How parts are reconstructed.

    Attributes:
        encoding: points and frame, one that is resolved; the mean latent is always taken.
        resolution: of the grid that meshes are extracted from; None is the module's.
        sharp: the network reads points on sharp edges.
        device: of the module.
    """

    encoding: EncodeConfig
    resolution: int | None
    sharp: bool
    device: torch.device


@torch.no_grad()
def reconstruct_parts(
    module: Reconstructing,
    points: Points,
    *,
    key: str,
    parts: Sequence[int],
    config: ReconstructionConfig,
) -> list[TriangleMesh]:
    """The meshes of some parts, in the object frame; empty ones where there is no surface.

    Parts go through the network one by one, so that a part's mesh hangs on nothing but the part.
    """
    clouds = part_clouds(points, key=key, config=config.encoding, sharp=config.sharp)
    return [_reconstruct(module, clouds, points, part=part, config=config) for part in parts]


def _reconstruct(
    module: Reconstructing,
    clouds: Clouds,
    points: Points,
    *,
    part: int,
    config: ReconstructionConfig,
) -> TriangleMesh:
    surface, sharp = (
        None if cloud is None else torch.from_numpy(cloud[part : part + 1]).to(config.device)
        for cloud in (clouds.surface, clouds.sharp)
    )
    assert surface is not None
    latent = module.encode(surface, sharp_BSF=sharp).mean_BTD
    (mesh,) = module.reconstruct(latent, resolution=config.resolution)
    if config.encoding.frame == "object":
        return mesh
    return placed(mesh, center=points.part_center[part], scale=float(points.part_scale[part]))


def placed(mesh: TriangleMesh, *, center: NDArray[np.float32], scale: float) -> TriangleMesh:
    """A mesh of a part's own frame in the object's."""
    return TriangleMesh(vertices=mesh.vertices * scale + center, faces=mesh.faces)


def fitted(mesh: TriangleMesh, *, center: NDArray[np.float32], scale: float) -> TriangleMesh:
    """The inverse of `placed`."""
    return TriangleMesh(vertices=(mesh.vertices - center) / scale, faces=mesh.faces)
