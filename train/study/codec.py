"""A code of solids in place of a part VAE's, which can be read back in closed form.

A study of the denoisers is not to hang on how well a small autoencoder was trained.

Shape suffixes: N branches, T tokens, S points.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from train.study.solids import Solid

TOKENS, CHANNELS = 4, 8

_MIDDLE_SCALE, _HALF_MIDDLE, _HALF_SCALE = 2.0, 0.4, 4.0
_TAPER_MIDDLE, _TAPER_SCALE = 0.65, 5.0
_THINNEST, _LEAST_TAPER = 0.01, 0.05


def encode_solids(solids: Sequence[Solid]) -> Tensor:
    """(N, T, 8) float32: middle, half sides, roundness and taper, in about unit variance.

    All tokens of a solid hold the same, so that they need no order, which a denoiser of sets of
    tokens could not see.
    """
    rows = []
    for solid in solids:
        low, high = solid.box
        rows.append(
            [
                *(_MIDDLE_SCALE * (low + high) / 2),
                *(_HALF_SCALE * ((high - low) / 2 - _HALF_MIDDLE)),
                1.0 if solid.is_round else -1.0,
                _TAPER_SCALE * (solid.taper - _TAPER_MIDDLE),
            ]
        )
    return torch.tensor(np.array(rows), dtype=torch.float32)[:, None].repeat(1, TOKENS, 1)


def decode_solids(latents_NT8: Tensor) -> list[Solid]:
    """The solid that the tokens mean on average; sides and tapers are kept above 0."""
    solids = []
    for row in latents_NT8.double().mean(dim=1).cpu().numpy():
        middle = row[:3] / _MIDDLE_SCALE
        half = np.maximum(row[3:6] / _HALF_SCALE + _HALF_MIDDLE, _THINNEST)
        (x, y, z), (right, top, front) = (middle - half).tolist(), (middle + half).tolist()
        solids.append(
            Solid(
                low=(x, y, z),
                high=(right, top, front),
                is_round=bool(row[6] > 0),
                taper=float(np.clip(row[7] / _TAPER_SCALE + _TAPER_MIDDLE, _LEAST_TAPER, 1.0)),
            )
        )
    return solids


def encode_boxes(surface_NS6: Tensor) -> Tensor:
    """(N, T, 8) float32: the code of the block around points; a box is a block that fills it."""
    points = surface_NS6[..., :3].double().cpu().numpy()
    solids = []
    for low, high in zip(points.min(axis=1).tolist(), points.max(axis=1).tolist(), strict=True):
        solids.append(Solid(low=tuple(low), high=tuple(high), is_round=False, taper=1.0))
    return encode_solids(solids)
