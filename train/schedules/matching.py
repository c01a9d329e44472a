"""Times of one schedule that are as noisy as those of another.

Geometry and pictures have schedules of their own. CoPart writes one time for both, at which the two
are not equally noisy; this is for those who want them to be.
"""

from __future__ import annotations

import torch
from torch import Tensor

from train.schedules.discrete import NoiseSchedule


def matched_times(times: Tensor, source: NoiseSchedule, *, target: NoiseSchedule) -> Tensor:
    """(B,) int64: for each time of `source` the one of `target` whose log SNR is nearest.

    Noisier times than any of `target` get its last one.

    Args:
        times: (B,) int64.
    """
    own = _log_snr(source)[times.cpu()]
    distance = (own[:, None] - _log_snr(target)).abs()
    return distance.argmin(dim=1).to(times.device)


def _log_snr(schedule: NoiseSchedule) -> Tensor:
    alpha_bars = schedule.alpha_bars
    # Zero terminal SNR: far from all others, and still a number.
    return torch.log(alpha_bars.clamp(min=1e-30)) - torch.log1p(-alpha_bars)
