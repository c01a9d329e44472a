from __future__ import annotations

import torch

from train.schedules.discrete import NoiseSchedule
from train.schedules.matching import matched_times
from train.schedules.presets import CRAFTSMAN, PIXART

LINEAR, SCALED = NoiseSchedule(PIXART), NoiseSchedule(CRAFTSMAN)


def test_equally_noisy_times() -> None:
    found = matched_times(torch.tensor([300, 500, 700, 900]), LINEAR, target=SCALED)
    assert found.tolist() == [419, 708, 966, 999]


def test_a_schedule_matches_itself() -> None:
    times = torch.arange(1000)
    assert torch.equal(matched_times(times, SCALED, target=SCALED), times)
