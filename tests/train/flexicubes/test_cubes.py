from __future__ import annotations

import torch

from tests.train.flexicubes.solids import random_signs
from train.flexicubes.cubes import pattern_volume, resolve, surface_cubes
from train.flexicubes.grid import Grid
from train.flexicubes.tables import FACES, doubly_crossed_face

SHAPE = (7, 5, 6)
GRID = Grid.regular(SHAPE, bounds=(-1.0, 1.0))
OCCUPIED = random_signs(SHAPE, generator=torch.Generator().manual_seed(0)) < 0


def test_patterns_are_the_bits_of_the_corners() -> None:
    corners = GRID.corners(torch.arange(GRID.cube_count))
    expected = (OCCUPIED[corners] * 2 ** torch.arange(8)).sum(dim=1)
    assert torch.equal(pattern_volume(OCCUPIED, grid=GRID).view(-1).long(), expected)


def test_surface_cubes_are_those_of_mixed_corners() -> None:
    surface = surface_cubes(OCCUPIED, grid=GRID)
    inside = OCCUPIED[GRID.corners(torch.arange(GRID.cube_count))].sum(dim=1)
    assert torch.equal(surface.cubes, ((inside > 0) & (inside < 8)).nonzero()[:, 0])
    assert torch.equal(surface.lattice[surface.corners], GRID.corners(surface.cubes))
    assert torch.equal(surface.occupied, OCCUPIED[surface.lattice])
    among = torch.zeros(SHAPE, dtype=torch.bool)
    among[2:4] = True
    fewer = surface_cubes(OCCUPIED, grid=GRID, among=among)
    assert torch.equal(fewer.cubes, surface.cubes[among.view(-1)[surface.cubes]])


def test_two_clashing_cubes_change_and_one_alone_does_not() -> None:
    grid = Grid.regular((3, 3, 3), bounds=(-1.0, 1.0))
    middle = grid.cube_numbers(torch.tensor([1, 1, 1]))
    for pattern in range(256):
        face = doubly_crossed_face(pattern)
        if face is None:
            continue
        normal = torch.tensor(FACES[face].normal)
        beyond = grid.cube_numbers(torch.tensor([1, 1, 1]) + normal)
        facing = next(
            other
            for other in range(256)
            if (opposite := doubly_crossed_face(other)) is not None
            and torch.equal(torch.tensor(FACES[opposite].normal), -normal)
        )
        cubes, order = torch.stack([middle, beyond]).sort()
        both = torch.tensor([pattern, facing])[order]
        assert torch.equal(resolve(both, cubes=cubes, grid=grid), 255 - both)
        alone = torch.tensor([pattern])
        assert torch.equal(resolve(alone, cubes=middle[None], grid=grid), alone)
        plain = torch.tensor([pattern, 1])[order]
        assert torch.equal(resolve(plain, cubes=cubes, grid=grid), plain)


def test_a_cube_at_the_border_does_not_clash_with_the_one_at_the_other_side() -> None:
    """Numbers are linear: one past the end of a row is the start of the next."""
    pattern = next(
        p
        for p in range(256)
        if (f := doubly_crossed_face(p)) is not None and FACES[f].normal == (0, 0, 1)
    )
    grid = Grid.regular((2, 2, 2), bounds=(-1.0, 1.0))
    cubes = torch.tensor([1, 2])
    patterns = torch.tensor([pattern, pattern])
    assert torch.equal(resolve(patterns, cubes=cubes, grid=grid), patterns)
