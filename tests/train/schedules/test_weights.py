from __future__ import annotations

import dataclasses

import pytest
import torch

from train.schedules.discrete import NoiseSchedule
from train.schedules.presets import PIXART
from train.schedules.weights import min_snr_weights, signal_to_noise

TIMES = torch.arange(0, 1000, 37)


@pytest.mark.parametrize("prediction", ["epsilon", "velocity", "clean"])
def test_weighted_errors_are_those_of_the_clean_sample_with_a_bound(prediction: str) -> None:
    """An error of what is told is one of the clean sample; the product of weights is the same."""
    config = dataclasses.replace(PIXART, prediction=prediction)
    schedule = NoiseSchedule(config)
    ratio = signal_to_noise(schedule, TIMES)
    sample = torch.zeros(len(TIMES), 1, dtype=torch.float64)
    clean = schedule.split(sample, torch.ones_like(sample), time=TIMES)[0][:, 0]
    # d clean / d told squared, the weight of the clean sample's error over that of what is told.
    own = clean.square()
    expected = ratio.clamp(max=5) * own
    torch.testing.assert_close(min_snr_weights(schedule, TIMES), expected)
