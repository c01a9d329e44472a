from __future__ import annotations

import torch

from train.flexicubes.cubes import surface_cubes
from train.flexicubes.grid import Grid
from train.flexicubes.quadratic import sharp_vertices, unit_normals
from train.flexicubes.topology import dual_topology

GRID = Grid.regular(1, bounds=(0.0, 1.0))
TOPOLOGY = dual_topology(surface_cubes(torch.arange(8) == 0, grid=GRID))
CROSSINGS = torch.tensor([[0.3, 0, 0], [0, 0.4, 0], [0, 0, 0.5]], dtype=torch.float64)


def test_three_planes_meet_at_their_corner() -> None:
    found = sharp_vertices(TOPOLOGY, CROSSINGS, normals=torch.eye(3).double())
    assert torch.allclose(found, torch.tensor([[0.3, 0.4, 0.5]]).double(), atol=1e-5)


def test_on_one_plane_the_mean_is_left_alone() -> None:
    normal = torch.linalg.cross(CROSSINGS[1] - CROSSINGS[0], CROSSINGS[2] - CROSSINGS[0])
    normals = torch.nn.functional.normalize(normal, dim=0).expand(3, 3)
    found = sharp_vertices(TOPOLOGY, CROSSINGS, normals=normals)
    assert torch.allclose(found[0], CROSSINGS.mean(dim=0), atol=1e-12)


def test_two_planes_meet_on_their_line_nearest_to_the_mean() -> None:
    normals = torch.eye(3).double()[[0, 1, 0]]
    crossings = CROSSINGS.clone()
    crossings[2, 0] = 0.3
    found = sharp_vertices(TOPOLOGY, crossings, normals=normals)
    assert torch.allclose(found, torch.tensor([[0.3, 0.4, 0.5 / 3]]).double(), atol=1e-5)


def test_single_precision_is_kept_and_stays_exact() -> None:
    found = sharp_vertices(TOPOLOGY, CROSSINGS.float(), normals=torch.eye(3))
    assert found.dtype == torch.float32
    assert torch.allclose(found, torch.tensor([[0.3, 0.4, 0.5]]), atol=1e-5)


def test_normals_have_unit_length_whatever_the_gradient_has() -> None:
    found = unit_normals(lambda points: points * 7, torch.tensor([[3.0, 0, 4], [0, -1e-3, 0]]))
    assert torch.allclose(found, torch.tensor([[0.6, 0, 0.8], [0, -1, 0]]))
