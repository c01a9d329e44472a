"""A generator that makes every box exactly, and scorers whose scores are known."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tests.train.sampling.standin import StandIn
from train.metrics.mesh import TriangleMesh
from train.schedules.discrete import NoiseSchedule
from train.schedules.presets import PIXART


class Exact(StandIn):
    """Ends at the clean latents, as CraftsMan's schedule does not.

    Args:
        grow: factor on the size of parts, around their middles.
        hollow: parts that are longest upwards have no surface.
    """

    def __init__(self, *, grow: float = 1.0, hollow: bool = False) -> None:
        super().__init__()
        self.geometry_schedule = NoiseSchedule(PIXART)
        self.grow, self.hollow = grow, hollow

    def decode_geometry(self, latents_NTD: Tensor) -> list[TriangleMesh]:
        middle = (latents_NTD.amin(dim=1, keepdim=True) + latents_NTD.amax(dim=1, keepdim=True)) / 2
        found = super().decode_geometry(middle + self.grow * (latents_NTD - middle))
        size = latents_NTD.amax(dim=1) - latents_NTD.amin(dim=1)
        tall = size[:, 1] >= size.amax(dim=1)
        return [
            TriangleMesh.empty() if self.hollow and flag else mesh
            for mesh, flag in zip(found, tall.tolist(), strict=True)
        ]


class LengthOfText:
    """Scores everything by how long its text is."""

    def __call__(self, points_S6: NDArray[np.float32], text: str) -> float:
        assert points_S6.shape[1] == 6
        return float(len(text))


def box_mesh(low: tuple[float, float, float], high: tuple[float, float, float]) -> TriangleMesh:
    """A closed box."""
    corners = torch.tensor([[low, high]]).double()
    ends = StandIn().encode_points(torch.cat([corners, corners], dim=-1))
    return StandIn().decode_geometry(ends)[0]
