from __future__ import annotations

import torch

from tests.train.flexicubes.solids import random_signs
from train.flexicubes.cubes import surface_cubes
from train.flexicubes.grid import Grid
from train.flexicubes.tables import crossing_edges, tables
from train.flexicubes.topology import dual_topology

GRID = Grid.regular((2, 2, 2), bounds=(-1.0, 1.0))


def speck(inside: bool) -> torch.Tensor:
    occupied = torch.full((27,), not inside)
    occupied[13] = inside
    return occupied


def test_one_vertex_alone_is_boxed_in_by_six_quads() -> None:
    for inside, sign in ((True, 1), (False, -1)):
        surface = surface_cubes(speck(inside), grid=GRID)
        topology = dual_topology(surface)
        assert topology.cube.tolist() == list(range(8))
        assert topology.valid.sum(dim=1).tolist() == [3] * 8
        assert len(topology.ends) == 6
        # The middles of the cubes stand for the dual vertices.
        middles = (GRID.cube_places(surface.cubes) - 0.5)[topology.cube]
        a, b, _, d = middles[topology.quads].unbind(dim=1)
        normals = torch.linalg.cross(b - a, d - a)
        outward = middles[topology.quads].mean(dim=1)
        assert torch.equal(normals, sign * 2 * outward)
        assert sorted(outward.tolist()) == sorted(
            [[s * 0.5 * (axis == k) for k in range(3)] for axis in range(3) for s in (-1, 1)]
        )


def test_every_crossed_edge_belongs_to_one_vertex_of_each_cube_around_it() -> None:
    shape = (6, 5, 7)
    grid = Grid.regular(shape, bounds=(-1.0, 1.0))
    occupied = random_signs(shape, generator=torch.Generator().manual_seed(4)) < 0
    surface = surface_cubes(occupied, grid=grid)
    topology = dual_topology(surface)
    vertex, slot = topology.valid.nonzero(as_tuple=True)
    local = topology.edge[vertex, slot]
    cube = topology.cube[vertex]
    expected = [
        (row, edge)
        for row, pattern in enumerate(surface.patterns.tolist())
        for edge in crossing_edges(pattern)
    ]
    assert sorted(zip(cube.tolist(), local.tolist(), strict=True)) == expected
    ends = surface.corners[cube].gather(1, tables(torch.device("cpu")).edge_corners[local])
    assert torch.equal(topology.ends[topology.crossing[vertex, slot]], ends)
    signs = surface.occupied[topology.ends]
    assert (signs[:, 0] != signs[:, 1]).all()
    assert len(torch.unique(topology.ends, dim=0)) == len(topology.ends)
