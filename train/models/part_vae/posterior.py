"""The diagonal Gaussian of a KL bottleneck."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posterior:
    """Mean and log variance of each latent channel, both (B, T, D)."""

    mean_BTD: Tensor
    logvar_BTD: Tensor

    def sample(self, generator: torch.Generator) -> Tensor:
        """(B, T, D): a draw with noise from `generator`, whose device must be the mean's."""
        noise = torch.randn(
            self.mean_BTD.shape,
            generator=generator,
            device=self.mean_BTD.device,
            dtype=self.mean_BTD.dtype,
        )
        return self.mean_BTD + noise * (self.logvar_BTD / 2).exp()

    def kl(self) -> Tensor:
        """The divergence from a unit Gaussian, averaged over everything: a scalar."""
        square, variance = self.mean_BTD.square(), self.logvar_BTD.exp()
        return (square + variance - 1 - self.logvar_BTD).mean() / 2
