from __future__ import annotations

import numpy as np
import pytest

from render.grids import make_grid
from render.rigs import grid_columns


@pytest.mark.parametrize(("views", "columns"), [(1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (24, 5)])
def test_a_grid_is_as_square_as_it_can_be(views: int, columns: int) -> None:
    assert grid_columns(views) == columns


def test_views_stand_row_by_row() -> None:
    images = [np.full((2, 3, 4), index, np.uint8) for index in range(4)]
    grid = make_grid(images, background=0)
    assert grid.shape == (4, 6, 4) and grid.dtype == np.uint8
    assert grid[::2, ::3, 0].tolist() == [[0, 1], [2, 3]]


def test_empty_cells_are_background() -> None:
    grid = make_grid([np.zeros((2, 2), np.float32)] * 3, background=np.inf)
    assert np.isinf(grid[2:, 2:]).all() and not np.isinf(grid[:2]).any()
    assert (make_grid([np.zeros((1, 1), np.int32)] * 3, background=-1) == [[0, 0], [0, -1]]).all()
