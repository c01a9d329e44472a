"""The regular lattice that a field is sampled on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from train.flexicubes.tables import tables

Triple = tuple[float, float, float]
Resolution = int | tuple[int, int, int]
Bounds = tuple[float, float] | tuple[Sequence[float], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Grid:
    """Boxes of equal size, called cubes, and their corners, the lattice.

    Cubes and lattice vertices are numbered with x slowest and z fastest.

    Attributes:
        resolution: cubes along x, y, z.
        lower, upper: corners of the whole, in the units of the field's points.
    """

    resolution: tuple[int, int, int]
    lower: Triple
    upper: Triple

    def __post_init__(self) -> None:
        if min(self.resolution) < 1:
            raise ValueError(f"the grid has {self.resolution} cubes, expected at least 1 a side")
        if not all(low < high for low, high in zip(self.lower, self.upper, strict=True)):
            raise ValueError(
                f"the grid spans {self.lower} to {self.upper}, expected every lower bound to be"
                " less than its upper one"
            )

    @classmethod
    def regular(cls, resolution: Resolution, *, bounds: Bounds) -> Self:
        """A grid of R or (Rx, Ry, Rz) cubes between two numbers or two points."""
        cubes = (resolution,) * 3 if isinstance(resolution, int) else resolution
        ends = [(end,) * 3 if isinstance(end, (int, float)) else tuple(end) for end in bounds]
        if any(len(end) != 3 for end in ends) or len(cubes) != 3:
            raise ValueError(
                f"resolution {resolution} and bounds {bounds} are not of a grid; expected R or"
                " (Rx, Ry, Rz), and two numbers or two points of three"
            )
        (x0, y0, z0), (x1, y1, z1) = ends
        return cls((cubes[0], cubes[1], cubes[2]), (x0, y0, z0), (x1, y1, z1))

    @property
    def lattice_shape(self) -> tuple[int, int, int]:
        """Lattice vertices along x, y, z."""
        x, y, z = self.resolution
        return x + 1, y + 1, z + 1

    @property
    def cube_count(self) -> int:
        """Cubes in all."""
        x, y, z = self.resolution
        return x * y * z

    @property
    def vertex_count(self) -> int:
        """Lattice vertices in all."""
        x, y, z = self.lattice_shape
        return x * y * z

    @property
    def cell(self) -> Triple:
        """Sides of a cube."""
        sides = [
            (high - low) / count
            for low, high, count in zip(self.lower, self.upper, self.resolution, strict=True)
        ]
        return sides[0], sides[1], sides[2]

    def cube_places(self, cubes: Tensor) -> Tensor:
        """(..., 3) int64 place of cubes, given (...) their numbers."""
        return _places(cubes, self.resolution)

    def vertex_places(self, vertices: Tensor) -> Tensor:
        """(..., 3) int64 place of lattice vertices, given (...) their numbers."""
        return _places(vertices, self.lattice_shape)

    def cube_numbers(self, places: Tensor) -> Tensor:
        """(...) int64 numbers of cubes, given (..., 3) their places."""
        return _numbers(places, self.resolution)

    def vertex_numbers(self, places: Tensor) -> Tensor:
        """(...) int64 numbers of lattice vertices, given (..., 3) their places."""
        return _numbers(places, self.lattice_shape)

    def corners(self, cubes: Tensor) -> Tensor:
        """(C, 8) int64 lattice vertices of (C,) cubes."""
        steps = self.vertex_numbers(tables(cubes.device).corners)
        return self.lowest_corners(cubes)[:, None] + steps

    def lowest_corners(self, cubes: Tensor) -> Tensor:
        """(C,) int64 lattice vertices at which networks give the weights of (C,) cubes."""
        return self.vertex_numbers(self.cube_places(cubes))

    def positions(
        self, vertices: Tensor, offset: Tensor | None = None, *, dtype: torch.dtype
    ) -> Tensor:
        """(N, 3) points of lattice vertices.

        Args:
            vertices: (N,) int64 numbers.
            offset: (N, 3) how far they are moved, in cells.
        """
        places = self.vertex_places(vertices).to(dtype)
        if offset is not None:
            places = places + offset.to(dtype)
        return places * places.new_tensor(self.cell) + places.new_tensor(self.lower)

    def on_border(self, vertices: Tensor) -> Tensor:
        """(N,) whether lattice vertices lie on the outside of the grid."""
        places = self.vertex_places(vertices)
        return ((places == 0) | (places == places.new_tensor(self.resolution))).any(dim=-1)


def _places(numbers: Tensor, shape: tuple[int, int, int]) -> Tensor:
    _, height, depth = shape
    rest = numbers // depth
    return torch.stack([rest // height, rest % height, numbers % depth], dim=-1)


def _numbers(places: Tensor, shape: tuple[int, int, int]) -> Tensor:
    _, height, depth = shape
    return (places[..., 0] * height + places[..., 1]) * depth + places[..., 2]
