from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

from train.schedules.flow import (
    clean_of_noise,
    craftsman_sigmas,
    flow_noisy,
    flow_split,
    flow_step,
    flow_velocity,
    logit_normal_rows,
    noise_of_clean,
    sampling_sigmas,
    shifted,
    training_sigmas,
)

CLEAN, NOISE = (
    torch.randn(3, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    for seed in (0, 1)
)


@given(sigma=some.floats(0.01, 0.99), smallest=some.sampled_from([0.0, 1e-5, 0.1]))
def test_conversions_undo_one_another(sigma: float, smallest: float) -> None:
    noisy = flow_noisy(CLEAN, NOISE, sigma=sigma, sigma_min=smallest)
    velocity = flow_velocity(CLEAN, NOISE, sigma_min=smallest)
    clean, noise = flow_split(noisy, velocity, sigma=sigma, sigma_min=smallest)
    for found, wanted in (
        (clean, CLEAN),
        (noise, NOISE),
        (clean_of_noise(noisy, NOISE, sigma=sigma, sigma_min=smallest), CLEAN),
        (noise_of_clean(noisy, CLEAN, sigma=sigma, sigma_min=smallest), NOISE),
    ):
        torch.testing.assert_close(found, wanted, rtol=0, atol=1e-10)


def test_the_true_velocity_leads_from_noise_to_data_in_any_steps() -> None:
    sample = NOISE
    for sigma, following in zip(
        (sigmas := sampling_sigmas(3, shift=3.0).tolist())[:-1], sigmas[1:], strict=True
    ):
        sample = flow_step(sample, flow_velocity(CLEAN, NOISE), sigma=sigma, following=following)
    torch.testing.assert_close(sample, CLEAN, rtol=0, atol=1e-12)


def test_rows_have_noise_of_their_own() -> None:
    sigma = torch.tensor([0.0, 0.5, 1.0])
    noisy = flow_noisy(CLEAN, NOISE, sigma=sigma)
    assert torch.equal(noisy[0], CLEAN[0])
    assert torch.equal(noisy[2], NOISE[2])


@given(shift=some.floats(0.1, 10))
def test_shifts_keep_the_ends_and_undo_one_another(shift: float) -> None:
    share = torch.linspace(0, 1, 11, dtype=torch.float64)
    moved = shifted(share, shift)
    assert (moved[0], moved[-1]) == (0, pytest.approx(1))
    torch.testing.assert_close(shifted(moved, 1 / shift), share)


def test_grids_fall_and_craftsmans_ends_short_of_zero() -> None:
    for grid in (training_sigmas(shift=3.0), sampling_sigmas(20), craftsman_sigmas(51)):
        assert (grid.diff() < 0).all()
        assert grid[0] == 1
    assert sampling_sigmas(20)[-1] == 0
    assert 1000 * float(craftsman_sigmas(51)[-1]) == pytest.approx(8.93, abs=0.01)


def test_logit_normal_times_of_trellis_lean_towards_noise() -> None:
    drawn = torch.randn(200_000, generator=torch.Generator().manual_seed(0)) + 1
    rows = logit_normal_rows(drawn.sigmoid())
    share = rows.double() / 1000
    assert float(share.mean()) == pytest.approx(0.697, abs=0.003)
    assert float((share > 0.5).double().mean()) == pytest.approx(0.841, abs=0.003)
    assert logit_normal_rows(torch.tensor([1.0])).tolist() == [999]
