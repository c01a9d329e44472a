"""Losses of a field that is known at points.

Shape suffixes: B parts of a batch, Q points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import (
    binary_cross_entropy_with_logits,
    cosine_similarity,
    l1_loss,
    mse_loss,
)

from train.models.vecset.posterior import Posterior


@dataclass(frozen=True, kw_only=True)
class FieldLossConfig:
    """What the field is compared by.

    Attributes:
        kind: `bce` of occupancy logits (CraftsMan, 3DShape2VecSet), `mse` of a truncated distance
            (CraftsMan), or `l1_mse`, the sum of both errors (AutoPartGen, section 3.1).
        kl_weight: of the divergence of the posterior.
    """

    kind: Literal["bce", "mse", "l1_mse"] = "bce"
    kl_weight: float = 1e-3

    def __post_init__(self) -> None:
        if self.kl_weight < 0:
            raise ValueError(f"loss.kl_weight is {self.kl_weight}, expected at least 0")


def autoencoder_losses(
    predicted_BQ: Tensor, target_BQ: Tensor, *, posterior: Posterior, config: FieldLossConfig
) -> dict[str, Tensor]:
    """Scalars: `field`, `kl`, and their weighted sum `loss`.

    Args:
        predicted_BQ: logits, positive inside, for `bce`; else values as the target's.
        target_BQ: occupancy 0 or 1 for `bce`; else distances as from `truncated`.
    """
    losses = {"field": field_loss(predicted_BQ, target_BQ, kind=config.kind), "kl": posterior.kl()}
    return {"loss": losses["field"] + config.kl_weight * losses["kl"], **losses}


def field_loss(
    predicted_BQ: Tensor, target_BQ: Tensor, *, kind: Literal["bce", "mse", "l1_mse"]
) -> Tensor:
    """A scalar, the mean over points. Different shapes are an error, not broadcast."""
    if predicted_BQ.shape != target_BQ.shape:
        raise ValueError(
            f"the field has shape {tuple(predicted_BQ.shape)} and its target"
            f" {tuple(target_BQ.shape)}; expected the same, so squeeze the channel of one"
        )
    if kind == "bce":
        return binary_cross_entropy_with_logits(predicted_BQ, target_BQ)
    squared = mse_loss(predicted_BQ, target_BQ)
    return squared if kind == "mse" else squared + l1_loss(predicted_BQ, target_BQ)


def truncated(distance_BQ: Tensor, *, truncation: float) -> Tensor:
    """(B, Q) signed distances in units of the truncation, clipped to [-1, 1]."""
    return (distance_BQ / truncation).clamp(-1, 1)


def eikonal_loss(gradient_BQ3: Tensor, *, slope: float = 1.0) -> Tensor:
    """A scalar: how far gradients are from the length of a distance's, squared.

    Args:
        slope: length of the true gradient: 1 / truncation for distances in units of it. The error
            is relative to it.
    """
    length_BQ: Tensor = torch.linalg.vector_norm(gradient_BQ3, dim=-1)
    return (length_BQ / slope - 1).square().mean()


def normal_loss(gradient_BQ3: Tensor, normals_BQ3: Tensor) -> Tensor:
    """A scalar: 1 - cosine between gradients at surface points and unit normals, averaged.

    Gradients are of a field that is negative inside: turn those of others.
    """
    return (1 - cosine_similarity(gradient_BQ3, normals_BQ3, dim=-1)).mean()
