from __future__ import annotations

import pytest
import torch

from train.schedules.ddim import ddim_step, pairs_of_times
from train.schedules.discrete import NoiseSchedule
from train.schedules.presets import AUTOPARTGEN, CRAFTSMAN, PIXART, SCHEDULES


@pytest.mark.parametrize("eta", [0.0, 1.0])
@pytest.mark.parametrize("name", ["pixart", "autopartgen"])
def test_samples_of_a_known_distribution_have_its_mean_and_spread(name: str, eta: float) -> None:
    """For a normal distribution the best network is known in closed form."""
    mean, spread = 0.7, 0.3
    schedule = NoiseSchedule(SCHEDULES[name])
    generator = torch.Generator().manual_seed(0)
    sample = torch.randn(20_000, generator=generator, dtype=torch.float64)
    for time, previous in pairs_of_times(schedule.sampling_times(500)):
        alpha_bar = float(schedule.alpha_bars[time])
        variance = alpha_bar * spread**2 + 1 - alpha_bar
        off = sample - alpha_bar**0.5 * mean
        clean = mean + alpha_bar**0.5 * spread**2 / variance * off
        noise = (1 - alpha_bar) ** 0.5 / variance * off
        told = noise
        if schedule.config.prediction == "velocity":
            told = alpha_bar**0.5 * noise - (1 - alpha_bar) ** 0.5 * clean
        sample = ddim_step(
            schedule,
            sample,
            output=told,
            time=time,
            previous=previous,
            eta=eta,
            noise=torch.randn(20_000, generator=generator, dtype=torch.float64),
        ).sample
    assert float(sample.mean()) == pytest.approx(mean, abs=0.01)
    assert float(sample.std()) == pytest.approx(spread, abs=0.015)


def test_a_network_that_knows_leads_to_the_clean_sample() -> None:
    """Whatever the start, and in any number of steps."""
    schedule = NoiseSchedule(PIXART)
    clean = torch.randn(4, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    sample = torch.randn(4, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    for time, previous in pairs_of_times(schedule.sampling_times(7)):
        alpha_bar = schedule.alpha_bars[time]
        told = (sample - alpha_bar.sqrt() * clean) / (1 - alpha_bar).sqrt()
        sample = ddim_step(schedule, sample, output=told, time=time, previous=previous).sample
    torch.testing.assert_close(sample, clean, rtol=0, atol=1e-12)


def test_zero_snr_starts_from_pure_noise() -> None:
    schedule = NoiseSchedule(AUTOPARTGEN)
    clean, noise = torch.full((3,), 0.5), torch.tensor([1.0, -2.0, 0.3])
    step = ddim_step(schedule, noise, output=-clean, time=999, previous=900)
    assert torch.equal(step.clean, clean)
    torch.testing.assert_close(step.sample, schedule.noisy(clean, noise, time=900))


def test_wrong_calls_are_refused() -> None:
    schedule = NoiseSchedule(CRAFTSMAN)
    sample = torch.zeros(2)
    with pytest.raises(ValueError, match="expected an earlier time"):
        ddim_step(schedule, sample, output=sample, time=5, previous=5)
    with pytest.raises(ValueError, match="give the noise"):
        ddim_step(schedule, sample, output=sample, time=5, previous=1, eta=0.5)
