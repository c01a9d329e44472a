"""Where dual vertices lie, as differentiable functions of the parameters."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from train.flexicubes.parameters import FlexiParameters
from train.flexicubes.tables import tables
from train.flexicubes.topology import DualTopology

_LEAST_WEIGHT = 1e-12


@dataclass(frozen=True, slots=True)
class Placement:
    """Positions, with attributes beside them in further columns.

    Attributes:
        vertices: (V, 3 + A) dual vertices.
        crossings: (E, 3 + A) where the field is zero on each crossed lattice edge, by linear
            interpolation without weights.
    """

    vertices: Tensor
    crossings: Tensor


def place(
    topology: DualTopology, parameters: FlexiParameters, *, points: Tensor, corners: Tensor
) -> Placement:
    """Dual vertices as weighted means of weighted crossings. FlexiCubes, equations 2 and 3.

    Args:
        parameters: of the surface cubes and the lattice vertices they touch.
        points: (N, 3 + A) these vertices, moved, with any attributes.
        corners: (C, 8) int64 rows of the points.
    """
    signed = parameters.signed
    low, high = topology.ends.unbind(dim=1)
    crossings = _between(points[low], points[high], near=signed[low].abs(), far=signed[high].abs())
    if parameters.alpha is None:
        on_edges = crossings[topology.crossing]
    else:
        ends = tables(signed.device).edge_corners[topology.edge]
        rows = corners[topology.cube[:, None, None], ends]
        weighted = signed[rows].abs() * parameters.alpha[topology.cube[:, None, None], ends]
        on_edges = _between(
            points[rows[..., 0]],
            points[rows[..., 1]],
            near=weighted[..., 0],
            far=weighted[..., 1],
        )
    beta = topology.valid.to(signed.dtype)
    if parameters.beta is not None:
        beta = beta * parameters.beta[topology.cube[:, None], topology.edge]
    total = beta.sum(dim=1).clamp(min=_LEAST_WEIGHT)
    vertices = (beta[..., None] * on_edges).sum(dim=1) / total[:, None]
    return Placement(vertices=vertices, crossings=crossings)


def _between(start: Tensor, end: Tensor, *, near: Tensor, far: Tensor) -> Tensor:
    """The zero between two values of opposite signs, given their magnitudes.

    A sum of magnitudes has nothing to cancel, as the difference of the values would.
    """
    share = near / (near + far).clamp(min=_LEAST_WEIGHT)
    return start + share[..., None] * (end - start)


def deviation_terms(topology: DualTopology, vertices: Tensor, *, crossings: Tensor) -> Tensor:
    """(T,) how much each distance from a vertex to its crossings differs from their mean.

    FlexiCubes, equation 7, one term for each edge of each vertex.

    Args:
        vertices: (V, 3).
        crossings: (E, 3) without weights.
    """
    squared = (vertices[:, None] - crossings[topology.crossing]).square().sum(dim=-1)
    # The root of zero has no derivative.
    distance = squared.clamp(min=torch.finfo(squared.dtype).tiny).sqrt()
    valid = topology.valid.to(distance.dtype)
    mean = (distance * valid).sum(dim=1) / valid.sum(dim=1)
    return (distance - mean[:, None]).abs()[topology.valid]
