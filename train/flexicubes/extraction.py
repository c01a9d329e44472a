"""From a field on a lattice to a mesh: dual marching cubes with weights that can be learned.

FlexiCubes (Shen et al. 2023), after dual marching cubes (Nielson 2004).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from train.flexicubes.cubes import SurfaceCubes, surface_cubes
from train.flexicubes.grid import Grid
from train.flexicubes.parameters import FlexiParameters, at_least_single
from train.flexicubes.placement import deviation_terms, place
from train.flexicubes.quadratic import Gradient, sharp_vertices, unit_normals
from train.flexicubes.topology import DualTopology, dual_topology
from train.flexicubes.triangles import (
    alignment,
    centres,
    diagonal_weights,
    split_at_centre,
    split_by_diagonal,
)

LEAST_SIGNED = 1e-8
"""Signed values are kept this far from zero, where a crossing would coincide with a vertex."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """A mesh, counter-clockwise as seen from outside, with what the regularisers need.

    Without a surface all tensors are empty, and still part of the autograd graph.

    Attributes:
        vertices: (V, 3) in the grid's units.
        faces: (F, 3) int64.
        deviations: (T,) `deviation_terms`.
        crossed: (E, 2) signed values at the ends of each lattice edge that the surface crosses.
        attributes: (V, A) interpolated as the vertices were; None if none were given.
        weight_logits: (C, 20) of the cubes that the surface passes; None if not known.
    """

    vertices: Tensor
    faces: Tensor
    deviations: Tensor
    crossed: Tensor
    attributes: Tensor | None = None
    weight_logits: Tensor | None = None

    @property
    def deviation(self) -> Tensor:
        """Scalar L_dev: the mean of `deviations`, 0 without a surface."""
        return mean_or_zero(self.deviations)

    @property
    def is_empty(self) -> bool:
        """Whether there is no surface."""
        return len(self.faces) == 0


def mean_or_zero(values: Tensor) -> Tensor:
    """The mean, or a zero that gradients can flow through when there is nothing."""
    return values.sum() / max(values.numel(), 1)


def extract(
    grid: Grid,
    parameters: FlexiParameters,
    *,
    training: bool = False,
    close_border: bool = True,
    attributes: Tensor | None = None,
    gradient: Gradient | None = None,
) -> Extraction:
    """Mesh a field that is known on the whole grid.

    Computes in the precision of the signed values, at least single, whatever autocast says.

    Args:
        parameters: of all the grid's vertices and cubes.
        training: cut quads in four at a centre, which gamma moves, instead of in two.
        close_border: take the grid's outermost vertices to be outside, so that the mesh is closed.
        attributes: (V, A) values of lattice vertices to interpolate.
        gradient: of the field; given, vertices are placed by `sharp_vertices` instead of by
            weights, and quads are cut along the diagonal whose ends face more alike.

    Raises:
        ValueError: a tensor does not fit the grid.
    """
    check(grid, parameters, attributes=attributes)
    signed = decided(at_least_single(parameters.signed))
    occupied = signed.detach() < 0
    if close_border:
        occupied &= ~grid.on_border(torch.arange(grid.vertex_count, device=signed.device))
    surface = surface_cubes(occupied, grid=grid)
    chosen = replace(parameters, signed=signed_as(signed, occupied))
    return assemble(
        grid,
        surface,
        parameters=chosen.select(vertices=surface.lattice, cubes=surface.cubes),
        training=training,
        attributes=None if attributes is None else attributes[surface.lattice],
        gradient=gradient,
    )


def check(grid: Grid, parameters: FlexiParameters, *, attributes: Tensor | None) -> None:
    """Raise unless all tensors fit the grid."""
    vertices, cubes = grid.vertex_count, grid.cube_count
    wanted = {
        "signed": (parameters.signed, (vertices,)),
        "offset": (parameters.offset, (vertices, 3)),
        "alpha": (parameters.alpha, (cubes, 8)),
        "beta": (parameters.beta, (cubes, 12)),
        "gamma": (parameters.gamma, (cubes,)),
        "weight_logits": (parameters.weight_logits, (cubes, 20)),
    }
    if attributes is not None:
        wanted["attributes"] = (attributes, (vertices, attributes.shape[-1]))
    for name, (tensor, shape) in wanted.items():
        if tensor is not None and tuple(tensor.shape) != shape:
            raise ValueError(
                f"{name} has shape {tuple(tensor.shape)}, expected {shape} on a grid of"
                f" {grid.resolution} cubes; rows are lattice vertices or cubes, x slowest"
            )


def decided(signed: Tensor) -> Tensor:
    """The values, none nearer to zero than `LEAST_SIGNED`; zero itself is outside.

    Gradients pass as if nothing had been done.
    """
    moved = torch.where(signed < 0, -LEAST_SIGNED, LEAST_SIGNED).to(signed)
    return signed + torch.where(signed.abs() < LEAST_SIGNED, moved - signed, 0).detach()


def signed_as(signed: Tensor, occupied: Tensor) -> Tensor:
    """The values, negative where occupied and only there; those changed get no gradient."""
    return torch.where((signed < 0) == occupied, signed, -signed.detach())


def assemble(
    grid: Grid,
    surface: SurfaceCubes,
    *,
    parameters: FlexiParameters,
    training: bool = False,
    attributes: Tensor | None = None,
    gradient: Gradient | None = None,
) -> Extraction:
    """Mesh the cubes that the surface passes.

    Args:
        parameters: of these cubes and of the lattice vertices they touch, whose signs agree with
            `surface.occupied`.
        attributes: (N, A) values of these vertices.

    The others are those of `extract`.
    """
    signed = parameters.signed
    with torch.autocast(signed.device.type, enabled=False):
        topology = dual_topology(surface)
        points = grid.positions(surface.lattice, parameters.offset, dtype=signed.dtype)
        if attributes is not None:
            points = torch.cat([points, attributes.to(signed)], dim=1)
        placed = place(topology, parameters, points=points, corners=surface.corners)
        vertices, crossings = placed.vertices, placed.crossings[:, :3]
        diagonals = _diagonals(topology, parameters.gamma)
        if gradient is not None:
            normals = unit_normals(gradient, crossings)
            sharp = sharp_vertices(topology, crossings, normals=normals)
            vertices = torch.cat([sharp, vertices[:, 3:]], dim=1)
            diagonals = alignment(topology.quads, unit_normals(gradient, sharp))
        deviations = deviation_terms(topology, vertices[:, :3], crossings=crossings)
        if training:
            weights = None if gradient is not None else diagonals
            faces = split_at_centre(topology.quads, first_centre=len(vertices))
            middle = centres(topology.quads, vertices, weights=weights)
            vertices = torch.cat([vertices, middle])
        else:
            faces = split_by_diagonal(topology.quads, diagonals)
    return Extraction(
        vertices=vertices[:, :3],
        faces=faces,
        deviations=deviations,
        crossed=signed[topology.ends],
        attributes=None if attributes is None else vertices[:, 3:],
        weight_logits=parameters.weight_logits,
    )


def _diagonals(topology: DualTopology, gamma: Tensor | None) -> Tensor | None:
    return diagonal_weights(topology.quads, None if gamma is None else gamma[topology.cube])
