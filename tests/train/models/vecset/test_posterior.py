from __future__ import annotations

import pytest
import torch
from torch.distributions import Normal

from train.models.vecset.posterior import Posterior


def _posterior(seed: int = 0) -> Posterior:
    generator = torch.Generator().manual_seed(seed)
    return Posterior.from_moments(torch.randn(2, 3, 8, generator=generator, dtype=torch.float64))


def test_log_variances_are_clamped() -> None:
    moments = torch.tensor([[[1.0, -2.0, -1000.0, 1000.0]]])
    posterior = Posterior.from_moments(moments)
    assert posterior.mean_BTD.tolist() == [[[1.0, -2.0]]]
    assert posterior.logvar_BTD.tolist() == [[[-30.0, 20.0]]]
    assert posterior.kl().isfinite()


def test_half_precision_becomes_single() -> None:
    posterior = Posterior.from_moments(torch.zeros(1, 1, 4, dtype=torch.bfloat16))
    assert posterior.mean_BTD.dtype == posterior.logvar_BTD.dtype == torch.float32


def test_divergence_equals_its_estimate_from_samples() -> None:
    """Of 100,000 draws, within 5 standard errors."""
    posterior = _posterior()
    deviation = (posterior.logvar_BTD / 2).exp()
    generator = torch.Generator().manual_seed(3)
    noise = torch.randn(100_000, *deviation.shape, generator=generator, dtype=torch.float64)
    draws = posterior.displaced(noise)
    difference = Normal(posterior.mean_BTD, deviation).log_prob(draws)
    difference -= Normal(torch.zeros(()).double(), 1.0).log_prob(draws)
    of_part = difference.mean(dim=(2, 3))
    error = 5 * of_part.std(dim=0) / 100_000**0.5
    assert bool(((of_part.mean(dim=0) - posterior.kl_by_part()).abs() < error).all())


def test_divergence_is_a_mean_not_a_sum() -> None:
    one = Posterior.from_moments(torch.full((1, 1, 4), 0.5))
    many = Posterior.from_moments(torch.full((3, 7, 20), 0.5))
    assert float(one.kl()) == pytest.approx(float(many.kl()))
    assert many.kl_by_part().shape == (3,)


def test_a_unit_gaussian_has_none() -> None:
    assert float(Posterior.from_moments(torch.zeros(1, 2, 6)).kl()) == 0.0


def test_sampling_is_a_function_of_the_generator() -> None:
    posterior = _posterior()
    first = posterior.sample(torch.Generator().manual_seed(4))
    assert torch.equal(first, posterior.sample(torch.Generator().manual_seed(4)))
    assert not torch.equal(first, posterior.sample(torch.Generator().manual_seed(5)))
