"""Find the cubes that a surface passes, asking for signs at as few points as can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import max_pool3d

from train.flexicubes.cubes import SurfaceCubes, surface_cubes
from train.flexicubes.grid import Grid
from train.flexicubes.tables import FACES

Inside = Callable[[Tensor], Tensor]
"""(N,) numbers of lattice vertices to (N,) bool, whether they are inside."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known so far of the lattice: a few bytes a vertex.

    Attributes:
        asked: (V,) bool.
        occupied: (V,) bool; false where not asked.
        visited: (C,) bool, cubes whose corners have all been asked.
    """

    asked: Tensor
    occupied: Tensor
    visited: Tensor

    def ask(self, vertices: Tensor, *, inside: Inside) -> None:
        """Learn the signs of lattice vertices, given their numbers in any order, with repeats."""
        wanted = torch.zeros_like(self.asked)
        wanted[vertices] = True
        numbers = (wanted & ~self.asked).nonzero()[:, 0]
        if len(numbers):
            self.occupied[numbers] = inside(numbers)
            self.asked[numbers] = True


def find_surface(
    grid: Grid, inside: Inside, *, coarse: int, dilate: int, device: torch.device
) -> SurfaceCubes:
    """The cubes of every piece of surface that a coarse lattice notices.

    Asks at a coarse lattice; then in all cubes near coarse cubes of mixed signs; then follows the
    surface from cube to cube until it closes. A piece that lies between the coarse vertices, away
    from all others, is missed.

    Args:
        coarse: coarse cubes along the grid's longest side; as many as it has, or more, leave
            nothing out.
        dilate: how many coarse cubes to go beyond mixed ones, to find thin pieces near others.
    """
    signs = Signs(
        asked=torch.zeros(grid.vertex_count, dtype=torch.bool, device=device),
        occupied=torch.zeros(grid.vertex_count, dtype=torch.bool, device=device),
        visited=torch.zeros(grid.cube_count, dtype=torch.bool, device=device),
    )
    stride = -(-max(grid.resolution) // coarse)
    cubes = _near_coarse_surface(grid, signs, inside=inside, stride=stride, dilate=dilate)
    while len(cubes):
        signs.ask(grid.corners(cubes).view(-1), inside=inside)
        signs.visited[cubes] = True
        cubes = _beyond_crossed_faces(grid, signs, cubes=cubes)
    return surface_cubes(signs.occupied, grid=grid, among=signs.visited.view(grid.resolution))


def _near_coarse_surface(
    grid: Grid, signs: Signs, *, inside: Inside, stride: int, dilate: int
) -> Tensor:
    """Cubes in and around coarse cubes with corners on both sides.

    The last coarse cube along a side ends with the grid, however few cubes are left for it.
    """
    axes = [
        torch.tensor([*range(0, count, stride), count], device=signs.asked.device)
        for count in grid.resolution
    ]
    places = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
    numbers = grid.vertex_numbers(places)
    signs.ask(numbers.view(-1), inside=inside)
    occupied = signs.occupied[numbers].float()[None]
    mixed = max_pool3d(occupied, 2, stride=1) != -max_pool3d(-occupied, 2, stride=1)
    if dilate:
        mixed = max_pool3d(mixed.float(), 2 * dilate + 1, stride=1, padding=dilate) > 0
    near = mixed[0]
    for axis, count in enumerate(grid.resolution):
        near = near.repeat_interleave(stride, dim=axis).narrow(axis, 0, count)
    return near.reshape(-1).nonzero()[:, 0]


def _beyond_crossed_faces(grid: Grid, signs: Signs, *, cubes: Tensor) -> Tensor:
    """Cubes not visited yet on the other side of a face of mixed signs."""
    occupied = signs.occupied[grid.corners(cubes)]
    mixed = occupied.any(dim=1) & ~occupied.all(dim=1)
    occupied, places = occupied[mixed], grid.cube_places(cubes[mixed])
    found = []
    for face in FACES:
        corners = occupied[:, face.corners]
        crossed = corners.any(dim=1) & ~corners.all(dim=1)
        beyond = places[crossed] + places.new_tensor(face.normal)
        inside = ((beyond >= 0) & (beyond < beyond.new_tensor(grid.resolution))).all(dim=1)
        found.append(grid.cube_numbers(beyond[inside]))
    numbers: Tensor = torch.unique(torch.cat(found))
    return numbers[~signs.visited[numbers]]
