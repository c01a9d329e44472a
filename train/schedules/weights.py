"""How much the error at each time counts in a loss."""

from __future__ import annotations

from torch import Tensor

from train.schedules.discrete import NoiseSchedule, Prediction


def signal_to_noise(schedule: NoiseSchedule, time: Tensor) -> Tensor:
    """(B,) float64: ᾱ / (1 - ᾱ) at (B,) int64 times."""
    alpha_bar = schedule.alpha_bars.to(time.device)[time]
    return alpha_bar / (1 - alpha_bar)


def min_snr_weights(schedule: NoiseSchedule, time: Tensor, *, gamma: float = 5.0) -> Tensor:
    """(B,) float64 weights that bound what times of little noise count (Hang et al. 2023).

    Args:
        time: (B,) int64.
        gamma: the bound of the weight of the clean sample's error.
    """
    ratio = signal_to_noise(schedule, time)
    bounded = ratio.clamp(max=gamma)
    prediction: Prediction = schedule.config.prediction
    if prediction == "clean":
        return bounded
    return bounded / (ratio if prediction == "epsilon" else ratio + 1)
