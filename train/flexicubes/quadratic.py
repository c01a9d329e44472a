"""Sharp features: dual vertices where the tangent planes at the crossings meet.

Dual contouring (Ju et al. 2002) with a weak pull to the mean of the crossings. Not differentiable
in the parameters of cubes; for meshes of fields whose gradient is known.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from train.flexicubes.topology import DualTopology

Gradient = Callable[[Tensor], Tensor]
"""(N, 3) points to (N, 3) gradients of the field there, of any length."""

_PULL = 1e-3


def unit_normals(gradient: Gradient, points: Tensor) -> Tensor:
    """(N, 3) directions in which the field grows."""
    return torch.nn.functional.normalize(gradient(points), dim=1)


def sharp_vertices(topology: DualTopology, crossings: Tensor, *, normals: Tensor) -> Tensor:
    """(V, 3) minimisers of the squared distances to the planes at each vertex's crossings.

    Adds 1e-6 of the squared distance to the crossings' mean, so that flat places have one answer.
    Solved in double precision, of which single precision would leave that addend one digit.

    Args:
        crossings: (E, 3) without weights.
        normals: (E, 3) unit normals there.
    """
    valid = topology.valid[..., None].double()
    points = crossings[topology.crossing].double()
    mean = (points * valid).sum(dim=1) / valid.sum(dim=1)
    planes = normals[topology.crossing].double() * valid
    heights = (planes * (points - mean[:, None])).sum(dim=-1, keepdim=True)
    pull = _PULL**2 * torch.eye(3, dtype=planes.dtype, device=planes.device)
    system = planes.transpose(1, 2) @ planes + pull
    moved: Tensor = torch.linalg.solve(system, planes.transpose(1, 2) @ heights)
    return (mean + moved[..., 0]).to(crossings)
