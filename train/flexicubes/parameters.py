"""What a network says at a lattice vertex, and what it means for the mesh.

A raw row has 25 channels: the signed value, negative inside (1), the vertex's deformation (3), and
of the cube whose lowest corner it is the corner weights alpha (8), the edge weights beta (12) and
the split weight gamma (1). FlexiCubes, section 4.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

CHANNELS = 25
_PARTS = [1, 3, 8, 12, 1]
_WEIGHT_SPREAD = 0.99
_MOST_OFFSET = 0.5 * (1 - 1e-8)


@dataclass(frozen=True, slots=True)
class FlexiParameters:
    """A field on V lattice vertices and the weights of C cubes; what is None is neutral.

    Attributes:
        signed: (V,) negative inside.
        offset: (V, 3) how far vertices are moved, in cells, each within half a cell.
        alpha: (C, 8) weight of corners in the place of crossings, positive.
        beta: (C, 12) weight of edges in dual vertices, positive.
        gamma: (C,) weight in the choice of a quad's diagonal, positive.
        weight_logits: (C, 20) alpha and beta before their activations, for the penalty on them.
    """

    signed: Tensor
    offset: Tensor | None = None
    alpha: Tensor | None = None
    beta: Tensor | None = None
    gamma: Tensor | None = None
    weight_logits: Tensor | None = None

    def select(
        self, *, vertices: Tensor | None = None, cubes: Tensor | None = None
    ) -> FlexiParameters:
        """Those of the vertices and cubes at these rows; None keeps all of them."""
        return FlexiParameters(
            signed=self.signed if vertices is None else self.signed[vertices],
            offset=_rows(self.offset, vertices),
            alpha=_rows(self.alpha, cubes),
            beta=_rows(self.beta, cubes),
            gamma=_rows(self.gamma, cubes),
            weight_logits=_rows(self.weight_logits, cubes),
        )


def _rows(values: Tensor | None, index: Tensor | None) -> Tensor | None:
    return values if values is None or index is None else values[index]


def at_least_single(values: Tensor) -> Tensor:
    """Half precision made single: positions need more than eleven bits."""
    return values.float() if values.dtype in (torch.float16, torch.bfloat16) else values


def unpack(raw: Tensor) -> FlexiParameters:
    """Give (N, 25) raw outputs of a network their names and ranges.

    Rows of zeros but for the signed value are neutral: alpha and beta are 1, gamma is 0.5 and
    nothing moves, which is dual marching cubes.

    Returns:
        parameters of N vertices and of the N cubes that have them as lowest corners; `select` the
        cubes at `Grid.lowest_corners` before extraction. Half precision becomes single.
    """
    if raw.ndim != 2 or raw.shape[1] != CHANNELS:
        raise ValueError(
            f"raw parameters have shape {tuple(raw.shape)}, expected (N, {CHANNELS}): signed value"
            " 1, deformation 3, alpha 8, beta 12, gamma 1"
        )
    with torch.autocast(raw.device.type, enabled=False):
        raw = at_least_single(raw)
        signed, deformation, alpha, beta, gamma = torch.split(raw, _PARTS, dim=1)
        return FlexiParameters(
            signed=signed[:, 0],
            offset=offset_of(deformation),
            alpha=weight_of(alpha),
            beta=weight_of(beta),
            gamma=split_weight_of(gamma[:, 0]),
            weight_logits=torch.cat([alpha, beta], dim=1),
        )


def offset_of(deformation: Tensor) -> Tensor:
    """How far a vertex moves, in cells, in (-0.5, 0.5): two neighbours never pass each other."""
    return _MOST_OFFSET * deformation.tanh()


def weight_of(logits: Tensor) -> Tensor:
    """Corner and edge weights, in (0.01, 1.99)."""
    return 1 + _WEIGHT_SPREAD * logits.tanh()


def split_weight_of(logits: Tensor) -> Tensor:
    """Split weights, in (0.005, 0.995)."""
    return _WEIGHT_SPREAD * logits.sigmoid() + (1 - _WEIGHT_SPREAD) / 2
