"""Losses on a mesh's parameters, all 0 without a surface."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from train.flexicubes.extraction import Extraction, mean_or_zero


def sign_loss(extraction: Extraction) -> Tensor:
    """Scalar: how surely the ends of crossed edges disagree.

    Each end is asked to take the sign of the other, so that a surface which no picture wants
    shrinks away. FlexiCubes, equation 8, after nvdiffrec (Munkberg et al. 2022), equation 2.
    """
    with torch.autocast(extraction.crossed.device.type, enabled=False):
        values = extraction.crossed
        others = (values.detach().flip(dims=(1,)) > 0).to(values)
        # A mean over edges of two terms each.
        return 2 * mean_or_zero(binary_cross_entropy_with_logits(values, others, reduction="none"))


def weight_penalty(extraction: Extraction) -> Tensor:
    """Scalar: mean magnitude of the logits of alpha and beta in the cubes of the surface."""
    if extraction.weight_logits is None:
        raise ValueError(
            "the extraction has no weight_logits; unpack the network's raw outputs with"
            " train.flexicubes.parameters.unpack"
        )
    return mean_or_zero(extraction.weight_logits.abs())
