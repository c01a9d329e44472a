"""How dual vertices hang together: which edges each one has, and which four share an edge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from train.flexicubes.cubes import SurfaceCubes
from train.flexicubes.tables import tables

# The four cubes around an edge, counter-clockwise as seen from its upper end for an edge that
# leaves the inside there, else clockwise. Where in the cycle they begin does not matter to the
# surface, only to which diagonal a tie takes; this is the authors' choice.
_CYCLES = (
    ((0, 3, 2, 1), (1, 2, 3, 0)),
    ((3, 2, 1, 0), (0, 1, 2, 3)),
    ((0, 3, 2, 1), (1, 2, 3, 0)),
)


@dataclass(frozen=True, slots=True)
class DualTopology:
    """V dual vertices, E crossed lattice edges, Q quads. A vertex has at most 7 edges.

    Attributes:
        cube: (V,) int64 row of the surface cube that each vertex lies in.
        edge: (V, 7) int64 its edges, as they are numbered in a cube, then 0.
        valid: (V, 7) bool, which of them count.
        crossing: (V, 7) int64 the same edges as rows of `ends`, then 0.
        ends: (E, 2) int64 rows of the lattice, lower end first.
        quads: (Q, 4) int64 dual vertices, counter-clockwise as seen from outside.
    """

    cube: Tensor
    edge: Tensor
    valid: Tensor
    crossing: Tensor
    ends: Tensor
    quads: Tensor


def dual_topology(surface: SurfaceCubes) -> DualTopology:
    """Connect the dual vertices of surface cubes.

    An edge on the outside of the grid has fewer than four cubes and gives no quad.
    """
    table = tables(surface.cubes.device)
    cube, loop = (
        table.loop_count[surface.patterns][:, None]
        > torch.arange(table.loop_edges.shape[1], device=surface.cubes.device)
    ).nonzero(as_tuple=True)
    edge = table.loop_edges[surface.patterns[cube], loop]
    valid = edge >= 0
    edge = edge.clamp(min=0)

    vertex, slot = valid.nonzero(as_tuple=True)
    local = edge[vertex, slot]
    low, high = surface.corners[cube[vertex], :].gather(1, table.edge_corners[local]).unbind(dim=1)
    axis = table.edge_axis[local]
    keys, row, count = torch.unique(low * 3 + axis, return_inverse=True, return_counts=True)

    crossing = torch.zeros_like(edge)
    crossing[vertex, slot] = row
    ends = torch.stack([keys // 3, torch.zeros_like(keys).scatter_(0, row, high)], dim=1)
    around = torch.zeros(len(keys), 4, dtype=torch.long, device=keys.device)
    around[row, table.edge_quarter[local]] = vertex
    return DualTopology(
        cube=cube,
        edge=edge,
        valid=valid,
        crossing=crossing,
        ends=ends,
        quads=_quads(around, axis=keys % 3, low_inside=surface.occupied[keys // 3])[count == 4],
    )


def _quads(around: Tensor, *, axis: Tensor, low_inside: Tensor) -> Tensor:
    return around.gather(1, _cycles(around.device)[axis, low_inside.long()])


@cache
def _cycles(device: torch.device) -> Tensor:
    return torch.tensor(_CYCLES, device=device)
