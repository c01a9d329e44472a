from __future__ import annotations

import pytest
import torch

from train.flexicubes.cubes import surface_cubes
from train.flexicubes.grid import Grid
from train.flexicubes.parameters import FlexiParameters
from train.flexicubes.placement import deviation_terms, place
from train.flexicubes.topology import dual_topology

GRID = Grid.regular(1, bounds=(0.0, 1.0))
SURFACE = surface_cubes(torch.arange(8) == 0, grid=GRID)
TOPOLOGY = dual_topology(SURFACE)
POINTS = GRID.positions(SURFACE.lattice, dtype=torch.float64)
SIGNED = torch.tensor([-1.0, 1, 1, 1, 3, 1, 1, 1], dtype=torch.float64)


def test_crossings_are_where_the_line_between_two_values_is_zero() -> None:
    placed = place(TOPOLOGY, FlexiParameters(SIGNED), points=POINTS, corners=SURFACE.corners)
    assert sorted(placed.crossings.tolist()) == [[0, 0, 0.5], [0, 0.5, 0], [0.25, 0, 0]]
    assert placed.vertices.tolist() == [pytest.approx([0.25 / 3, 0.5 / 3, 0.5 / 3])]


def test_alpha_weighs_the_ends_and_beta_the_edges() -> None:
    alpha = torch.ones(1, 8, dtype=torch.float64)
    alpha[0, 0] = 0.5
    beta = torch.ones(1, 12, dtype=torch.float64)
    beta[0, 8] = 2
    placed = place(
        TOPOLOGY,
        FlexiParameters(SIGNED, alpha=alpha, beta=beta),
        points=POINTS,
        corners=SURFACE.corners,
    )
    # A value of -0.5 against 3 and 1: zero at 1/7 and 1/3; edge 8 runs along y.
    assert placed.vertices.tolist() == [pytest.approx([1 / 7 / 4, 2 / 3 / 4, 1 / 3 / 4])]
    assert sorted(placed.crossings.tolist()) == [[0, 0, 0.5], [0, 0.5, 0], [0.25, 0, 0]]


def test_distances_differ_from_their_mean() -> None:
    crossings = torch.tensor([[1.0, 0, 0], [0, 2, 0], [0, 0, 6]])
    terms = deviation_terms(TOPOLOGY, torch.zeros(1, 3), crossings=crossings)
    assert sorted(terms.tolist()) == [1, 2, 3]


def test_a_vertex_on_its_crossing_has_finite_derivatives() -> None:
    vertices = torch.zeros(1, 3, requires_grad=True)
    terms = deviation_terms(TOPOLOGY, vertices, crossings=torch.eye(3) - torch.eye(3)[0])
    (gradient,) = torch.autograd.grad(terms.sum(), vertices)
    assert torch.isfinite(gradient).all()
