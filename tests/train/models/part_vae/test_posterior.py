from __future__ import annotations

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from train.models.part_vae.posterior import Posterior


@pytest.fixture
def posterior() -> Posterior:
    generator = torch.Generator().manual_seed(0)
    shape = (2, 3, 4)
    return Posterior(
        mean_BTD=torch.randn(shape, generator=generator),
        logvar_BTD=torch.randn(shape, generator=generator),
    )


def test_kl_agrees_with_torch(posterior: Posterior) -> None:
    ours = Normal(posterior.mean_BTD, (posterior.logvar_BTD / 2).exp())
    expected = kl_divergence(ours, Normal(0.0, 1.0)).mean()
    torch.testing.assert_close(posterior.kl(), expected)


def test_a_unit_gaussian_costs_nothing() -> None:
    zero = torch.zeros(1, 2, 3)
    assert Posterior(mean_BTD=zero, logvar_BTD=zero).kl() == 0


def test_draws_have_the_mean_and_the_variance(posterior: Posterior) -> None:
    generator = torch.Generator().manual_seed(1)
    draws = torch.stack([posterior.sample(generator) for _ in range(20_000)])
    deviation = (posterior.logvar_BTD / 2).exp()
    assert ((draws.mean(0) - posterior.mean_BTD).abs() / deviation).max() < 0.03
    torch.testing.assert_close(draws.std(0), deviation, rtol=0.03, atol=0)


def test_the_generator_decides(posterior: Posterior) -> None:
    draws = [posterior.sample(torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
