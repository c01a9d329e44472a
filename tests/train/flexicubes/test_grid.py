from __future__ import annotations

import pytest
import torch

from train.flexicubes.grid import Bounds, Grid, Resolution

GRID = Grid.regular((2, 3, 4), bounds=((0.0, 0.0, 0.0), (2.0, 6.0, 12.0)))


def test_numbers_and_places_are_inverse() -> None:
    vertices, cubes = torch.arange(GRID.vertex_count), torch.arange(GRID.cube_count)
    assert GRID.vertex_count == 3 * 4 * 5
    assert torch.equal(GRID.vertex_numbers(GRID.vertex_places(vertices)), vertices)
    assert torch.equal(GRID.cube_numbers(GRID.cube_places(cubes)), cubes)


def test_corners_are_a_cell_apart_in_the_order_of_their_bits() -> None:
    corners = GRID.corners(torch.arange(GRID.cube_count))
    points = GRID.positions(corners.view(-1), dtype=torch.float64).view(-1, 8, 3)
    bits = torch.tensor([[i & 1, i >> 1 & 1, i >> 2 & 1] for i in range(8)])
    expected = bits * torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    assert torch.allclose(points - points[:, :1], expected.expand_as(points))
    assert GRID.cell == (1.0, 2.0, 3.0)


def test_positions_reach_both_bounds_and_offsets_count_in_cells() -> None:
    vertices = torch.arange(GRID.vertex_count)
    points = GRID.positions(vertices, dtype=torch.float64)
    assert points.amin(dim=0).tolist() == [0, 0, 0]
    assert points.amax(dim=0).tolist() == [2, 6, 12]
    moved = GRID.positions(vertices, torch.full((len(vertices), 3), 0.5), dtype=torch.float64)
    assert torch.equal(moved - points, torch.tensor([[0.5, 1.0, 1.5]]).double().expand(60, 3))


def test_the_border_is_what_has_a_bound_for_coordinate() -> None:
    border = GRID.on_border(torch.arange(GRID.vertex_count))
    assert int((~border).sum()) == 1 * 2 * 3
    assert not border[GRID.vertex_numbers(torch.tensor([1, 1, 3]))]


def test_one_number_stands_for_all_sides() -> None:
    assert Grid.regular(4, bounds=(-1.0, 1.0)) == Grid((4, 4, 4), (-1, -1, -1), (1, 1, 1))


@pytest.mark.parametrize(
    ("resolution", "bounds"),
    [
        (0, (0.0, 1.0)),
        (4, (1.0, 1.0)),
        (4, ((0.0, 0.0), (1.0, 1.0))),
        ((2, 2, 2), ((0.0, 0.0, 1.0), (1.0, 1.0, 0.0))),
    ],
)
def test_impossible_grids_are_refused(resolution: Resolution, bounds: Bounds) -> None:
    with pytest.raises(ValueError, match="expected"):
        Grid.regular(resolution, bounds=bounds)
