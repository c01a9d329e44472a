"""Gradients good enough to fit a surface with, and weights worth their channels."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.train.flexicubes.solids import assert_closed, ball, euler, sample
from train.flexicubes.extraction import Extraction, extract
from train.flexicubes.grid import Grid
from train.flexicubes.parameters import FlexiParameters, unpack

RADIUS = 0.6
LEARNING_RATE = 0.03


def surface_points(mesh: Extraction) -> Tensor:
    """(M, 3) vertices, and points within each face."""
    corners = mesh.vertices[mesh.faces]
    return torch.cat([mesh.vertices, corners.mean(dim=1), (corners[:, 0] + corners[:, 1]) / 2])


def fitted(resolution: int, *, steps: int, channels: int) -> tuple[float, Extraction]:
    """Fit a dented small ball to a ball; returns the root mean square error of the mesh.

    Args:
        channels: how many raw channels are learnt: 1, the signed values; 4, the offsets too; 25.
    """
    grid = Grid.regular(resolution, bounds=(-1.0, 1.0))
    lowest = grid.lowest_corners(torch.arange(grid.cube_count))
    start = sample(ball(0.5), grid, dtype=torch.float32)
    dents = torch.randn(len(start), generator=torch.Generator().manual_seed(0))
    learnt = torch.zeros(len(start), channels)
    learnt[:, 0] = start + 0.02 * dents
    learnt.requires_grad_()
    optimiser = torch.optim.Adam([learnt], lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)

    def parameters() -> FlexiParameters:
        rest = learnt.new_zeros(len(learnt), 25 - channels)
        return unpack(torch.cat([learnt, rest], dim=1)).select(cubes=lowest)

    for _ in range(steps):
        mesh = extract(grid, parameters(), training=True)
        optimiser.zero_grad()
        (ball(RADIUS)(surface_points(mesh)).square().mean() + 1e-3 * mesh.deviation).backward()
        optimiser.step()
        schedule.step()
    with torch.no_grad():
        mesh = extract(grid, parameters(), training=True)
        return float(ball(RADIUS)(surface_points(mesh)).square().mean().sqrt()), mesh


@pytest.mark.parametrize(
    ("resolution", "steps", "least"),
    [(8, 80, 8e-3), pytest.param(16, 150, 1.8e-3, marks=pytest.mark.slow)],
)
def test_a_ball_can_be_fitted_and_every_parameter_helps(
    resolution: int, steps: int, least: float
) -> None:
    untouched, _ = fitted(resolution, steps=0, channels=1)
    signed, _ = fitted(resolution, steps=steps, channels=1)
    offsets, _ = fitted(resolution, steps=steps, channels=4)
    weights, mesh = fitted(resolution, steps=steps, channels=25)
    assert untouched > 0.09
    assert signed < untouched / 10
    assert offsets < signed
    assert weights < 0.85 * offsets
    assert weights < least
    assert_closed(mesh.faces)
    assert euler(mesh.vertices, mesh.faces) == 2
