from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.train.flexicubes.solids import Field, ball, random_signs, sample, torus
from train.flexicubes.cubes import surface_cubes
from train.flexicubes.grid import Grid
from train.flexicubes.surface_search import find_surface

CPU = torch.device("cpu")


class Oracle:
    """Knows the signs, and counts how often it is asked for each."""

    def __init__(self, occupied: Tensor) -> None:
        self.occupied = occupied
        self.asked = torch.zeros(len(occupied), dtype=torch.long)

    def __call__(self, numbers: Tensor) -> Tensor:
        self.asked.index_add_(0, numbers, torch.ones_like(numbers))
        return self.occupied[numbers]


@pytest.mark.parametrize("shape", [(16, 16, 16), (13, 9, 21)])
@pytest.mark.parametrize("field", [ball(0.6), torus(0.55, 0.3)])
@pytest.mark.parametrize(("coarse", "dilate"), [(16, 0), (5, 0), (4, 1), (100, 2)])
def test_the_whole_surface_is_found_and_nothing_is_asked_twice(
    field: Field, shape: tuple[int, int, int], coarse: int, dilate: int
) -> None:
    grid = Grid.regular(shape, bounds=(-1.0, 1.0))
    oracle = Oracle(sample(field, grid) < 0)
    found = find_surface(grid, oracle, coarse=coarse, dilate=dilate, device=CPU)
    expected = surface_cubes(oracle.occupied, grid=grid)
    for name in ("cubes", "patterns", "lattice", "occupied", "corners"):
        assert torch.equal(getattr(found, name), getattr(expected, name)), name
    assert int(oracle.asked.max()) == 1


def test_noise_is_found_whole_when_the_coarse_lattice_leaves_nothing_out() -> None:
    shape = (8, 6, 7)
    grid = Grid.regular(shape, bounds=(-1.0, 1.0))
    occupied = random_signs(shape, generator=torch.Generator().manual_seed(0)) < 0
    found = find_surface(grid, Oracle(occupied), coarse=8, dilate=0, device=CPU)
    assert torch.equal(found.cubes, surface_cubes(occupied, grid=grid).cubes)


def test_no_surface_costs_the_coarse_lattice_only() -> None:
    grid = Grid.regular(32, bounds=(-1.0, 1.0))
    for value in (False, True):
        oracle = Oracle(torch.full((33**3,), value))
        found = find_surface(grid, oracle, coarse=8, dilate=1, device=CPU)
        assert len(found.cubes) == len(found.lattice) == 0
        assert int(oracle.asked.sum()) == 9**3


def test_a_thread_is_followed_through_coarse_cubes_of_one_sign() -> None:
    """From one end, which the coarse lattice sees, to the other."""
    grid = Grid.regular(32, bounds=(-1.0, 1.0))
    occupied = torch.zeros(grid.lattice_shape, dtype=torch.bool)
    occupied[4:30, 9, 9] = True
    occupied[4, 8:10, 8:10] = True
    oracle = Oracle(occupied.view(-1))
    found = find_surface(grid, oracle, coarse=8, dilate=0, device=CPU)
    assert torch.equal(found.cubes, surface_cubes(oracle.occupied, grid=grid).cubes)
    assert int(oracle.asked.sum()) < 0.1 * grid.vertex_count
