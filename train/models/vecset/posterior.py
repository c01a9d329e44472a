"""The diagonal Gaussian of a KL bottleneck."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

LOGVAR_RANGE = (-30.0, 20.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posterior:
    """Mean and log variance of each latent channel, both (B, T, D)."""

    mean_BTD: Tensor
    logvar_BTD: Tensor

    @classmethod
    def from_moments(cls, moments_BTE: Tensor) -> Posterior:
        """Of (B, T, 2 D) means and log variances, these clamped to `LOGVAR_RANGE`.

        They become single precision if they were half: an exponential follows.
        """
        if moments_BTE.dtype in (torch.float16, torch.bfloat16):
            moments_BTE = moments_BTE.float()
        mean, logvar = moments_BTE.chunk(2, dim=-1)
        return cls(mean_BTD=mean, logvar_BTD=logvar.clamp(*LOGVAR_RANGE))

    def sample(self, generator: torch.Generator) -> Tensor:
        """(B, T, D): a draw with noise from `generator`, whose device must be the mean's."""
        noise = torch.randn(
            self.mean_BTD.shape,
            generator=generator,
            device=self.mean_BTD.device,
            dtype=self.mean_BTD.dtype,
        )
        return self.displaced(noise)

    def displaced(self, noise_BTD: Tensor) -> Tensor:
        """(B, T, D): the mean plus so many standard deviations."""
        return self.mean_BTD + noise_BTD * (self.logvar_BTD / 2).exp()

    def kl_by_part(self) -> Tensor:
        """(B,): the divergence from a unit Gaussian, averaged over tokens and channels."""
        square, variance = self.mean_BTD.square(), self.logvar_BTD.exp()
        return (square + variance - 1 - self.logvar_BTD).mean(dim=(1, 2)) / 2

    def kl(self) -> Tensor:
        """The divergence from a unit Gaussian, averaged over everything: a scalar."""
        return self.kl_by_part().mean()
