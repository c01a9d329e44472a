"""The schedules of published networks."""

from __future__ import annotations

from types import MappingProxyType

from train.schedules.discrete import ScheduleConfig

CRAFTSMAN = ScheduleConfig(
    beta_start=8.5e-4,
    beta_end=0.012,
    betas="scaled_linear",
    offset=1,
    final_alpha_one=False,
)
"""CraftsMan v1.5: the 3D denoiser that CoPart fine-tunes."""

CRAFTSMAN_DEFAULTS = ScheduleConfig(clip=True)
"""CraftsMan's config that names 1000 times and nothing else, so that library defaults apply."""

PIXART = ScheduleConfig()
"""PixArt-α: the denoiser of pictures."""

AUTOPARTGEN = ScheduleConfig(
    beta_start=8.5e-4,
    beta_end=0.012,
    betas="scaled_linear",
    zero_terminal_snr=True,
    prediction="velocity",
    spacing="trailing",
)
"""Velocities and zero terminal SNR (AutoPartGen, section 4.2)."""

SCHEDULES = MappingProxyType(
    {
        "craftsman": CRAFTSMAN,
        "craftsman-defaults": CRAFTSMAN_DEFAULTS,
        "pixart": PIXART,
        "autopartgen": AUTOPARTGEN,
    }
)
"""By the name that configs may use."""
