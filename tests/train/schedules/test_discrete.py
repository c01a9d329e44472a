from __future__ import annotations

import dataclasses

import pytest
import torch

from train.schedules.discrete import FINAL, NoiseSchedule, ScheduleConfig
from train.schedules.presets import AUTOPARTGEN, CRAFTSMAN, PIXART, SCHEDULES

EVERY = pytest.mark.parametrize("name", SCHEDULES)


def drawn(seed: int, *, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.randn(3, 5, 2, generator=torch.Generator().manual_seed(seed), dtype=dtype)


@EVERY
def test_the_shares_of_clean_and_noise_fall_and_rise(name: str) -> None:
    schedule = NoiseSchedule(SCHEDULES[name])
    assert (schedule.alpha_bars.diff() < 0).all()
    assert 0.998 < schedule.alpha_bars[0] < 1


@EVERY
@pytest.mark.parametrize("prediction", ["epsilon", "velocity", "clean"])
def test_what_the_network_should_tell_gives_back_clean_and_noise(
    name: str, prediction: str
) -> None:
    config = dataclasses.replace(SCHEDULES[name], prediction=prediction, zero_terminal_snr=False)
    schedule = NoiseSchedule(config)
    clean, noise, time = drawn(0), drawn(1), torch.tensor([0, 400, 999])
    noisy = schedule.noisy(clean, noise, time=time)
    told = schedule.split(noisy, schedule.target(clean, noise, time=time), time=time)
    # At the last times little is left of the clean sample, and dividing by it costs digits.
    torch.testing.assert_close(told[0], clean, rtol=0, atol=1e-10)
    torch.testing.assert_close(told[1], noise, rtol=0, atol=1e-10)


def test_variance_stays_one() -> None:
    schedule = NoiseSchedule(PIXART)
    noise = torch.randn(2, 100_000, generator=torch.Generator().manual_seed(0))
    other = torch.randn(2, 100_000, generator=torch.Generator().manual_seed(1))
    noisy = schedule.noisy(noise, other, time=torch.tensor([200, 700]))
    assert noisy.var(dim=1).tolist() == pytest.approx([1, 1], abs=0.02)


def test_zero_terminal_snr_ends_in_pure_noise() -> None:
    schedule = NoiseSchedule(AUTOPARTGEN)
    clean, noise = drawn(0), drawn(1)
    assert schedule.alpha_bars[-1] == 0
    assert torch.equal(schedule.noisy(clean, noise, time=999), noise)
    assert torch.equal(schedule.velocity(clean, noise, 999), -clean)
    assert schedule.sampling_times(50)[0] == 999
    first = NoiseSchedule(dataclasses.replace(AUTOPARTGEN, zero_terminal_snr=False)).alpha_bars[0]
    assert float(schedule.alpha_bars[0]) == pytest.approx(float(first), rel=1e-12)


def test_published_noise_levels() -> None:
    """At equal times the two modalities are not equally noisy."""
    linear, scaled = NoiseSchedule(PIXART).alpha_bars, NoiseSchedule(CRAFTSMAN).alpha_bars
    times = [100, 250, 500, 750, 999]
    assert linear[times].tolist() == pytest.approx([0.895, 0.521, 0.078, 0.0033, 4e-5], rel=0.05)
    assert scaled[times].tolist() == pytest.approx([0.894, 0.674, 0.276, 0.0562, 0.0047], rel=0.01)


@pytest.mark.parametrize("spacing", ["leading", "trailing"])
@pytest.mark.parametrize("count", [1, 3, 7, 50, 333, 999, 1000])
def test_sampling_times_fall_and_are_as_many_as_asked(spacing: str, count: int) -> None:
    schedule = NoiseSchedule(ScheduleConfig(spacing=spacing, offset=1))
    times = schedule.sampling_times(count)
    assert len(times) == count
    assert all(0 <= time < 1000 for time in times)
    assert times == sorted(set(times), reverse=True)
    if spacing == "trailing":
        assert times[0] == 999


def test_half_precision_keeps_the_noise_of_early_times() -> None:
    schedule = NoiseSchedule(PIXART)
    clean = torch.ones(4, 4, dtype=torch.bfloat16)
    noisy = schedule.noisy(clean, torch.full_like(clean, 2.0), time=0)
    assert noisy.dtype == torch.bfloat16
    assert float(noisy[0, 0]) == pytest.approx(1 + 2 * 0.01, abs=0.005)


def test_the_final_time_follows_the_first() -> None:
    like = torch.zeros(1)
    assert float(NoiseSchedule(PIXART).alpha_bar(FINAL, like)) == 1
    craftsman = NoiseSchedule(CRAFTSMAN)
    assert float(craftsman.alpha_bar(-19, like)) == float(craftsman.alpha_bars[0])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"beta_start": 0.5, "beta_end": 0.1}, "do not fall"),
        ({"times": 1}, "2 or more"),
        ({"zero_terminal_snr": True}, "velocity or clean"),
    ],
)
def test_impossible_schedules_are_refused(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ScheduleConfig(**settings)  # type: ignore[arg-type]


def test_times_out_of_range_are_refused() -> None:
    schedule = NoiseSchedule(PIXART)
    with pytest.raises(ValueError, match="past the last one, 999"):
        schedule.alpha_bar(torch.tensor([3, 1000]), torch.zeros(2, 1))
    with pytest.raises(ValueError, match="expected 1 to 1000"):
        schedule.sampling_times(1001)
