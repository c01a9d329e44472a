"""A module that reconstructs boxes, whose shapes are known."""

from __future__ import annotations

from collections.abc import Sequence

import lightning
import numpy as np
import torch
from torch import Tensor

from tests.shards.made import BOX_FACES
from train.metrics.mesh import TriangleMesh
from train.models.vecset.posterior import Posterior

CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])


class Boxes(lightning.LightningModule):
    """Takes a part for the box around its points; right of tables.

    Args:
        grow: factor on the box's size.
        blind_to_tall: parts that are longest upwards have no surface.
    """

    def __init__(self, *, grow: float = 1.0, blind_to_tall: bool = False) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.grow = grow
        self.blind_to_tall = blind_to_tall
        self.seen: list[Tensor] = []

    def encode(self, surface_BSF: Tensor, *, sharp_BSF: Tensor | None = None) -> Posterior:
        """The corners of the box for a latent."""
        del sharp_BSF
        self.seen.append(surface_BSF)
        position = surface_BSF[..., :3]
        ends = torch.cat([position.amin(dim=1), position.amax(dim=1)], dim=-1)
        return Posterior(mean_BTD=ends[:, None], logvar_BTD=torch.zeros_like(ends[:, None]))

    def reconstruct(
        self, latent_BTD: Tensor, *, resolution: int | None = None
    ) -> Sequence[TriangleMesh]:
        """Boxes of twelve faces."""
        del resolution
        return [self._box(row.double().numpy().reshape(2, 3)) for row in latent_BTD]

    def _box(self, ends: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> TriangleMesh:
        size = ends[1] - ends[0]
        if self.blind_to_tall and size[1] == size.max():
            return TriangleMesh.empty()
        center, grown = ends.mean(axis=0), size * self.grow
        vertices = center - grown / 2 + CORNERS * grown
        return TriangleMesh(vertices=vertices, faces=BOX_FACES.astype(np.int64))

    def validation_step(self, batch: dict[str, Tensor], batch_idx: int) -> None:
        """Nothing."""
