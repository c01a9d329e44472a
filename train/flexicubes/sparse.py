"""Extraction from a network that can be asked anywhere, without asking it everywhere.

A first pass without gradients finds the cubes that the surface passes; a second asks for the
parameters of their corners alone, with gradients.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from train.flexicubes.extraction import Extraction, assemble, decided, signed_as
from train.flexicubes.grid import Bounds, Grid, Resolution
from train.flexicubes.parameters import CHANNELS, unpack
from train.flexicubes.surface_search import Inside, find_surface

Query = Callable[[Tensor], Tensor]
"""(N, 3) points to (N, 25) raw parameters, see `train.flexicubes.parameters`."""


def extract_sparse(
    query: Query,
    *,
    resolution: Resolution,
    bounds: Bounds,
    coarse: int = 32,
    dilate: int = 1,
    training: bool = False,
    close_border: bool = True,
    chunk: int = 1 << 17,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Extraction:
    """Mesh the field of a network; the same mesh as from the whole grid where it is found.

    Args:
        query: the network. A cube's weights are its answer at the cube's lowest corner. It is
            asked under the caller's autocast, and at one point at least with gradients, so that
            every parameter takes part in each step.
        resolution: cubes along all sides, or along x, y, z.
        bounds: lower and upper end of the grid, two numbers or two points.
        coarse: coarse cubes along the longest side. A piece of surface between their corners is
            found only near another.
        dilate: how many coarse cubes to search beyond those of mixed signs.
        training: cut quads in four at a centre, as in `extract`.
        close_border: take the grid's outermost vertices to be outside.
        chunk: points in one question of the first pass.
        device, dtype: of the points.

    Raises:
        ValueError: the query's answer is not of shape (N, 25), or a setting is out of range.
    """
    for name, value, least in (("coarse", coarse, 1), ("dilate", dilate, 0), ("chunk", chunk, 1)):
        if value < least:
            raise ValueError(f"{name} is {value}, expected at least {least}")
    grid = Grid.regular(resolution, bounds=bounds)
    inside = _signs(query, grid, chunk=chunk, close_border=close_border, dtype=dtype)
    with torch.no_grad():
        surface = find_surface(
            grid, inside, coarse=coarse, dilate=dilate, device=torch.device(device)
        )
    # Networks do not like to be asked nothing.
    asked = surface.lattice if len(surface.lattice) else surface.lattice.new_zeros(1)
    raw = _ask(query, grid.positions(asked, dtype=dtype))[: len(surface.lattice)]
    parameters = unpack(raw).select(cubes=surface.corners[:, 0])
    # The second pass may round differently from the first, and one sign that differs would leave
    # a hole; at the border the network may have been overruled.
    signed = signed_as(decided(parameters.signed), surface.occupied)
    return assemble(grid, surface, parameters=replace(parameters, signed=signed), training=training)


def _signs(
    query: Query, grid: Grid, *, chunk: int, close_border: bool, dtype: torch.dtype
) -> Inside:
    def inside(numbers: Tensor) -> Tensor:
        occupied = torch.zeros(len(numbers), dtype=torch.bool, device=numbers.device)
        rows = torch.arange(len(numbers), device=numbers.device)
        if close_border:
            rows = rows[~grid.on_border(numbers)]
        for part in torch.split(rows, chunk):
            if len(part):
                occupied[part] = _ask(query, grid.positions(numbers[part], dtype=dtype))[:, 0] < 0
        return occupied

    return inside


def _ask(query: Query, points: Tensor) -> Tensor:
    raw = query(points)
    if tuple(raw.shape) != (len(points), CHANNELS):
        raise ValueError(
            f"the query answered {len(points)} points with shape {tuple(raw.shape)}, expected"
            f" ({len(points)}, {CHANNELS})"
        )
    return raw
