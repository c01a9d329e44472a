"""Discrete noise schedules (Ho et al. 2020, DDPM) with the switches of the networks that use them.

A time is an integer; a larger one has more noise. All tables are in double precision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Prediction = Literal["epsilon", "velocity", "clean"]
"""What a network tells: the noise, sqrt(ᾱ) noise - sqrt(1 - ᾱ) clean, or the clean sample."""

FINAL = -1
"""The time after the last one, where the sample is done."""


# The parser of settings reads the attributes of a nested default through vars(), which slots lack.
@dataclass(frozen=True, kw_only=True)
class ScheduleConfig:
    """Which schedule.

    Attributes:
        times: how many there are.
        beta_start: β at time 0.
        beta_end: β at the last time.
        betas: evenly spaced themselves, `linear`, or in their roots, `scaled_linear`.
        zero_terminal_snr: change β so that nothing is left of the sample at the last time (Lin et
            al. 2024, Common Diffusion Noise Schedules and Sample Steps Are Flawed).
        prediction: what the network tells.
        spacing: of the times of sampling: multiples of a stride from below, or from the last time
            down.
        offset: is added to `leading` times.
        final_alpha_one: a sampler's last step ends at the clean sample; else at time 0.
        clip: bound the clean sample by ±1 in each step of sampling.
    """

    times: int = 1000
    beta_start: float = 1e-4
    beta_end: float = 0.02
    betas: Literal["linear", "scaled_linear"] = "linear"
    zero_terminal_snr: bool = False
    prediction: Prediction = "epsilon"
    spacing: Literal["leading", "trailing"] = "leading"
    offset: int = 0
    final_alpha_one: bool = True
    clip: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.beta_start <= self.beta_end < 1:
            raise ValueError(
                f"β runs from {self.beta_start} to {self.beta_end}, expected numbers in (0, 1) "
                "that do not fall"
            )
        if self.times < 2:
            raise ValueError(f"a schedule of {self.times} times was asked for, expected 2 or more")
        if self.zero_terminal_snr and self.prediction == "epsilon":
            raise ValueError(
                "with zero_terminal_snr the last time is pure noise, of which prediction epsilon "
                "says nothing; choose velocity or clean"
            )


class NoiseSchedule:
    """The tables of a schedule, and all that follows from them in closed form.

    Attributes:
        config: as given.
        betas: (T,) float64.
        alpha_bars: (T,) float64, ᾱ, the share of the clean sample in the variance.
        final_alpha_bar: that after the last step.
    """

    def __init__(self, config: ScheduleConfig) -> None:
        self.config = config
        betas = _betas(config)
        self.betas = rescaled_to_zero_snr(betas) if config.zero_terminal_snr else betas
        self.alpha_bars = (1 - self.betas).cumprod(dim=0)
        self.final_alpha_bar = 1.0 if config.final_alpha_one else float(self.alpha_bars[0])

    def __len__(self) -> int:
        return self.config.times

    def alpha_bar(self, time: int | Tensor, like: Tensor) -> Tensor:
        """ᾱ in double precision on the device of `like`, ready to be multiplied with it.

        Args:
            time: one for all, or (B,) int64, one for each row of `like`; `FINAL`, or anything below
                0, is after the last step.
        """
        time = torch.as_tensor(time, device=like.device)
        if bool((time >= len(self)).any()):
            raise ValueError(f"time {int(time.max())} is past the last one, {len(self) - 1}")
        table = torch.cat(
            [self.alpha_bars, torch.tensor([self.final_alpha_bar], dtype=torch.float64)]
        )
        found: Tensor = table.to(like.device)[torch.where(time < 0, len(self), time)]
        return found.reshape(*found.shape, *[1] * (like.ndim - 1)) if found.ndim else found

    def noisy(self, clean: Tensor, noise: Tensor, *, time: int | Tensor) -> Tensor:
        """Like `clean`: the sample at a time (DDPM, equation 4)."""
        alpha_bar = self.alpha_bar(time, clean)
        return _mix(clean, alpha_bar.sqrt(), noise, (1 - alpha_bar).sqrt())

    def target(self, clean: Tensor, noise: Tensor, *, time: int | Tensor) -> Tensor:
        """Like `clean`: what the network is to tell of the noisy sample."""
        if self.config.prediction == "epsilon":
            return noise
        return clean if self.config.prediction == "clean" else self.velocity(clean, noise, time)

    def velocity(self, clean: Tensor, noise: Tensor, time: int | Tensor) -> Tensor:
        """Like `clean`: sqrt(ᾱ) noise - sqrt(1 - ᾱ) clean (Salimans and Ho 2022)."""
        alpha_bar = self.alpha_bar(time, clean)
        return _mix(noise, alpha_bar.sqrt(), clean, -(1 - alpha_bar).sqrt())

    def split(self, sample: Tensor, output: Tensor, *, time: int | Tensor) -> tuple[Tensor, Tensor]:
        """The clean sample and the noise that a network's output means.

        Args:
            sample: noisy, at `time`.
            output: of the network, see `ScheduleConfig.prediction`.
        """
        alpha_bar = self.alpha_bar(time, sample)
        signal, rest = alpha_bar.sqrt(), (1 - alpha_bar).sqrt()
        if self.config.prediction == "velocity":
            return _mix(sample, signal, output, -rest), _mix(output, signal, sample, rest)
        if self.config.prediction == "clean":
            return output, _mix(sample, 1 / rest, output, -signal / rest)
        return _mix(sample, 1 / signal, output, -rest / signal), output

    def sampling_times(self, count: int) -> list[int]:
        """The `count` times of a sampler, from much noise to little."""
        if not 1 <= count <= len(self):
            raise ValueError(f"{count} steps were asked for, expected 1 to {len(self)}")
        if self.config.spacing == "trailing":
            return [round(len(self) - k * len(self) / count) - 1 for k in range(count)]
        stride = len(self) // count
        # An offset would put the first of very many times past the end.
        offset = min(self.config.offset, len(self) - 1 - (count - 1) * stride)
        return [k * stride + offset for k in reversed(range(count))]


def rescaled_to_zero_snr(betas: Tensor) -> Tensor:
    """(T,) float64 β whose last ᾱ is 0, with the first as it was (Lin et al. 2024, algorithm 1)."""
    root = (1 - betas.double()).cumprod(dim=0).sqrt()
    moved = (root - root[-1]) * (root[0] / (root[0] - root[-1]))
    alpha_bar = moved.square()
    alpha = torch.cat([alpha_bar[:1], alpha_bar[1:] / alpha_bar[:-1]])
    return 1 - alpha


def _betas(config: ScheduleConfig) -> Tensor:
    def evenly(start: float, stop: float) -> Tensor:
        return torch.linspace(start, stop, config.times, dtype=torch.float64)

    if config.betas == "linear":
        return evenly(config.beta_start, config.beta_end)
    return evenly(config.beta_start**0.5, config.beta_end**0.5).square()


def _mix(first: Tensor, first_share: Tensor, second: Tensor, second_share: Tensor) -> Tensor:
    """A sum of two tensors with shares in double precision, in the dtype of the first."""
    # Half precision would lose the little noise of early times.
    wide = torch.promote_types(first.dtype, torch.float32)
    total = first.to(wide) * first_share.to(wide) + second.to(wide) * second_share.to(wide)
    return total.to(first.dtype)
