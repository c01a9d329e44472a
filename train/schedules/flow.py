"""Straight flows from noise to data: the grids and conventions of CraftsMan, TripoSG and TRELLIS.

σ, or the time t in TRELLIS, runs from 1, noise, to 0, data. Velocities here are noise - data;
networks that tell data - noise (TripoSG, PartCrafter) are negated by the caller.
"""

from __future__ import annotations

import torch
from torch import Tensor


def shifted(share: Tensor, shift: float) -> Tensor:
    """Move a grid towards noise: s to shift·s / (1 + (shift - 1)·s); 0 and 1 stay.

    TRELLIS calls the shift `rescale_t`; e to the power of μ is the dynamic shift of TripoSG.
    """
    return shift * share / (1 + (shift - 1) * share)


def training_sigmas(count: int = 1000, *, shift: float = 1.0) -> Tensor:
    """(count,) float64 falling σ, among which training draws, `logit_normal_rows` of them."""
    share = torch.arange(count, 0, -1, dtype=torch.float64) / count
    return shifted(share, shift)


def logit_normal_rows(uniform: Tensor, *, count: int = 1000) -> Tensor:
    """Like `uniform` int64: rows of `training_sigmas`, (CraftsMan) of the sigmoid of a normal."""
    return (uniform.double() * count).floor().long().clamp(max=count - 1)


def sampling_sigmas(steps: int, *, shift: float = 1.0) -> Tensor:
    """(steps + 1,) float64 falling σ from 1 to 0 (TripoSG; TRELLIS)."""
    share = torch.arange(steps, -1, -1, dtype=torch.float64) / steps
    return shifted(share, shift)


def craftsman_sigmas(points: int, *, count: int = 1000, shift: float = 3.0) -> Tensor:
    """(points,) float64: CraftsMan's grid between the ends of that of training, shifted again.

    It is asked for one point more than there are steps, and ends short of 0.
    """
    trained = training_sigmas(count, shift=shift)
    share = torch.linspace(float(trained[0]), float(trained[-1]), points, dtype=torch.float64)
    return shifted(share, shift)


def flow_noisy(
    clean: Tensor, noise: Tensor, *, sigma: float | Tensor, sigma_min: float = 0.0
) -> Tensor:
    """Like `clean`: (1 - σ) clean + (σ_min + (1 - σ_min) σ) noise."""
    share = _share(sigma, clean)
    return (1 - share) * clean + _noise_share(share, sigma_min) * noise


def flow_velocity(clean: Tensor, noise: Tensor, *, sigma_min: float = 0.0) -> Tensor:
    """Like `clean`: the derivative of `flow_noisy` by σ, which networks tell."""
    return (1 - sigma_min) * noise - clean


def flow_split(
    sample: Tensor, velocity: Tensor, *, sigma: float | Tensor, sigma_min: float = 0.0
) -> tuple[Tensor, Tensor]:
    """The clean sample and the noise that a velocity means."""
    share = _share(sigma, sample)
    clean = (1 - sigma_min) * sample - _noise_share(share, sigma_min) * velocity
    return clean, (1 - share) * velocity + sample


def clean_of_noise(
    sample: Tensor, noise: Tensor, *, sigma: float | Tensor, sigma_min: float = 0.0
) -> Tensor:
    """Like `sample`: the clean sample, where the noise is known; σ < 1."""
    share = _share(sigma, sample)
    return (sample - _noise_share(share, sigma_min) * noise) / (1 - share)


def noise_of_clean(
    sample: Tensor, clean: Tensor, *, sigma: float | Tensor, sigma_min: float = 0.0
) -> Tensor:
    """Like `sample`: the noise, where the clean sample is known; σ > 0."""
    share = _share(sigma, sample)
    return (sample - (1 - share) * clean) / _noise_share(share, sigma_min)


def flow_step(sample: Tensor, velocity: Tensor, *, sigma: float, following: float) -> Tensor:
    """Like `sample`: an Euler step to a smaller σ."""
    return sample - (sigma - following) * velocity


def _share(sigma: float | Tensor, like: Tensor) -> Tensor:
    """σ ready to be multiplied: one for all, or (B,), one for each row."""
    share = torch.as_tensor(sigma, dtype=like.dtype, device=like.device)
    return share.reshape(*share.shape, *[1] * (like.ndim - 1)) if share.ndim else share


def _noise_share(share: Tensor, sigma_min: float) -> Tensor:
    return sigma_min + (1 - sigma_min) * share
