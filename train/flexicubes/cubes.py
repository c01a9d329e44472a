"""Which cubes the surface passes, and the pattern of each."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from train.flexicubes.grid import Grid
from train.flexicubes.tables import tables


@dataclass(frozen=True, slots=True)
class SurfaceCubes:
    """Cubes with corners inside and corners outside, and the lattice vertices they touch.

    Attributes:
        cubes: (C,) int64 numbers in the grid, ascending.
        patterns: (C,) int64 with clashes resolved.
        lattice: (N,) int64 numbers of their corners in the grid, ascending, each once.
        occupied: (N,) whether these are inside.
        corners: (C, 8) int64 rows of `lattice`.
    """

    cubes: Tensor
    patterns: Tensor
    lattice: Tensor
    occupied: Tensor
    corners: Tensor


def pattern_volume(occupied: Tensor, *, grid: Grid) -> Tensor:
    """(Rx, Ry, Rz) uint8 pattern of every cube.

    Args:
        occupied: (V,) bool, whether each lattice vertex is inside.
    """
    volume = occupied.view(grid.lattice_shape).to(torch.uint8)
    x, y, z = grid.resolution
    patterns = torch.zeros(grid.resolution, dtype=torch.uint8, device=occupied.device)
    for bit, (i, j, k) in enumerate(tables(torch.device("cpu")).corners.tolist()):
        patterns |= volume[i : i + x, j : j + y, k : k + z] << bit
    return patterns


def surface_cubes(occupied: Tensor, *, grid: Grid, among: Tensor | None = None) -> SurfaceCubes:
    """The cubes that the surface passes.

    Args:
        occupied: (V,) bool, whether each lattice vertex is inside.
        among: (Rx, Ry, Rz) bool, the cubes whose corners are all known; None for all of them.
    """
    patterns = pattern_volume(occupied, grid=grid)
    mixed = (patterns != 0) & (patterns != 255)
    if among is not None:
        mixed &= among
    cubes = mixed.view(-1).nonzero()[:, 0]
    lattice, corners = torch.unique(grid.corners(cubes), return_inverse=True)
    raw = patterns.view(-1)[cubes].long()
    return SurfaceCubes(
        cubes=cubes,
        patterns=resolve(raw, cubes=cubes, grid=grid),
        lattice=lattice,
        occupied=occupied[lattice],
        corners=corners,
    )


def resolve(patterns: Tensor, *, cubes: Tensor, grid: Grid) -> Tensor:
    """(C,) patterns, complemented where two cubes clash at the face they share.

    Both have the shared face as their only ambiguous one, so that both see the other clash, and
    both change. Without it four quads would meet at one edge of the mesh.

    Args:
        patterns: (C,) int64 as the signs say.
        cubes: (C,) int64 numbers, ascending.
    """
    table = tables(cubes.device)
    if len(cubes) == 0:
        return patterns
    direction = table.partner[patterns]
    clashing = (direction != 0).any(dim=1)
    place = grid.cube_places(cubes) + direction
    inside = ((place >= 0) & (place < place.new_tensor(grid.resolution))).all(dim=1)
    partner = grid.cube_numbers(place)
    row = torch.searchsorted(cubes, partner).clamp(max=len(cubes) - 1)
    both = clashing & inside & (cubes[row] == partner) & clashing[row]
    return torch.where(both, 255 - patterns, patterns)
