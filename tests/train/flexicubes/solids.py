"""Fields with known surfaces, and what can be asked of a mesh."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from train.flexicubes.grid import Grid

Field = Callable[[Tensor], Tensor]


def ball(radius: float, *, center: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Field:
    return lambda points: (points - points.new_tensor(center)).norm(dim=1) - radius


def torus(ring: float, tube: float, *, center: tuple[float, float, float] = (0, 0, 0)) -> Field:
    def distance(points: Tensor) -> Tensor:
        points = points - points.new_tensor(center)
        across = points[:, :2].norm(dim=1) - ring
        return torch.stack([across, points[:, 2]]).norm(dim=0) - tube

    return distance


def box(half: float) -> Field:
    def distance(points: Tensor) -> Tensor:
        beyond = points.abs() - half
        return beyond.clamp(min=0).norm(dim=1) + beyond.amax(dim=1).clamp(max=0)

    return distance


def union(*fields: Field) -> Field:
    return lambda points: torch.stack([field(points) for field in fields]).amin(dim=0)


def everywhere(grid: Grid, *, dtype: torch.dtype = torch.float64) -> Tensor:
    return grid.positions(torch.arange(grid.vertex_count), dtype=dtype)


def sample(field: Field, grid: Grid, *, dtype: torch.dtype = torch.float64) -> Tensor:
    return field(everywhere(grid, dtype=dtype))


def random_signs(
    shape: tuple[int, int, int], *, generator: torch.Generator, dtype: torch.dtype = torch.float64
) -> Tensor:
    """A value per lattice vertex of a grid of so many cubes, without any smoothness."""
    size = [side + 1 for side in shape]
    return torch.randn(size, generator=generator, dtype=dtype).view(-1)


def directed_edges(faces: Tensor) -> Tensor:
    return torch.cat([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])


def assert_closed(faces: Tensor) -> None:
    """Every edge has two faces, which pass it in opposite directions."""
    edges = directed_edges(faces)
    assert (edges[:, 0] != edges[:, 1]).all()
    span = int(edges.max()) + 1
    forth, count = torch.unique(edges[:, 0] * span + edges[:, 1], return_counts=True)
    back = torch.unique(edges[:, 1] * span + edges[:, 0])
    assert torch.equal(forth, back)
    assert (count == 1).all()


def euler(vertices: Tensor, faces: Tensor) -> int:
    edges = torch.unique(directed_edges(faces).sort(dim=1).values, dim=0)
    return len(vertices) - len(edges) + len(faces)


def volume(vertices: Tensor, faces: Tensor) -> float:
    a, b, c = vertices.double()[faces].unbind(dim=1)
    return float((a * torch.linalg.cross(b, c)).sum() / 6)


def components(vertices: Tensor, faces: Tensor) -> int:
    label = torch.arange(len(vertices))
    while True:
        least = label[faces].amin(dim=1)
        lower = label.scatter_reduce(0, faces.view(-1), least.repeat_interleave(3), "amin")
        if torch.equal(lower, label):
            return len(torch.unique(label))
        label = lower


def canonical(faces: Tensor) -> Tensor:
    """Triangles as a sorted set, each with its smallest vertex first, orientation kept."""
    start = faces.argmin(dim=1, keepdim=True)
    turned = faces.gather(1, (start + torch.arange(3)) % 3)
    return torch.unique(turned, dim=0)
