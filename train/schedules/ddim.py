"""Steps of DDIM (Song et al. 2021), which need few times and no history.

Without a history, any part of a sample may be overwritten between two steps, as editing does.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from train.schedules.discrete import NoiseSchedule


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Step:
    """What a step gives: the sample at the earlier time, and the clean one that it heads for."""

    sample: Tensor
    clean: Tensor


def ddim_step(
    schedule: NoiseSchedule,
    sample: Tensor,
    *,
    output: Tensor,
    time: int,
    previous: int,
    eta: float = 0.0,
    noise: Tensor | None = None,
) -> Step:
    """From a time to an earlier one (DDIM, equation 12).

    Args:
        sample: noisy, at `time`.
        output: of the network.
        time: now.
        previous: the time to go to; below 0, the end.
        eta: 0 adds no noise, 1 as much as DDPM.
        noise: standard normal, like `sample`; needed where `eta` is not 0.

    Raises:
        ValueError: `eta` asks for noise and there is none, or the times do not fall.
    """
    if previous >= time:
        raise ValueError(f"a step goes from {time} to {previous}, expected an earlier time")
    if eta and noise is None:
        raise ValueError(f"eta is {eta}; give the noise that it asks for")
    clean, direction = schedule.split(sample, output, time=time)
    if schedule.config.clip:
        # The direction stays as the network told it.
        clean = clean.clamp(-1, 1)
    now, then = schedule.alpha_bar(time, sample), schedule.alpha_bar(previous, sample)
    variance = eta**2 * (1 - then) / (1 - now) * (1 - now / then)
    kept = (1 - then - variance).clamp(min=0).sqrt()
    earlier = clean * then.sqrt().to(clean.dtype) + direction * kept.to(clean.dtype)
    if noise is not None and eta:
        earlier = earlier + noise * variance.sqrt().to(clean.dtype)
    return Step(sample=earlier, clean=clean)


def pairs_of_times(times: list[int]) -> list[tuple[int, int]]:
    """Each time with the one that its step goes to, `FINAL` for the last."""
    return list(zip(times, [*times[1:], -1], strict=True))
