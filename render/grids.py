"""Views side by side in one picture, as multi-view image models take them (Instant3D, PartGen)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from render.rigs import grid_columns


def make_grid(images: Sequence[NDArray[Any]], *, background: float) -> NDArray[Any]:
    """(R·H, C·W, …): images of one shape and dtype, row by row; empty cells are `background`."""
    height, width = images[0].shape[:2]
    columns = grid_columns(len(images))
    rows = -(-len(images) // columns)
    shape = (rows * height, columns * width, *images[0].shape[2:])
    grid = np.full(shape, background, images[0].dtype)
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        grid[row * height : (row + 1) * height, column * width : (column + 1) * width] = image
    return grid
