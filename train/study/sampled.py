"""What was made of layouts, and how it looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from train.sampling.config import SamplingConfig
from train.sampling.generation import ObjectLatents, Task, generate
from train.sampling.layout import Layout
from train.study.codec import decode_solids
from train.study.generator import StudyGenerator
from train.study.latents import BOX_POINTS
from train.study.objects import COLORS, shaded
from train.study.solids import Solid

Float64 = NDArray[np.float64]

SAMPLING = SamplingConfig(
    steps=25, geometry_scale=1.0, image_scale=1.5, batch_branches=160, box_points=BOX_POINTS
)

_LIGHT = 0.85
"""What the lamp leaves of a colour, about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a caption can be compared with.

    Attributes:
        color: the nearest of `COLORS`, or `none` where nothing was drawn.
        is_dark: it is nearest to a dark one.
        brightness: beside a light part of its colour; about `SHADE` of dark ones.
        rgb: sRGB of its pictures without the background.
        solid: its geometry, in the object frame.
    """

    color: str
    is_dark: bool
    brightness: float
    rgb: tuple[float, float, float]
    solid: Solid

    @property
    def text(self) -> str:
        """The caption that it should have had."""
        return f"{self.color} {'cylinder' if self.solid.is_round else 'block'}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sampled:
    """An object.

    Attributes:
        layout: that it was made of.
        latents: of parts and whole.
        looks: of the parts.
    """

    layout: Layout
    latents: ObjectLatents
    looks: tuple[Look, ...]


def sampled(generator: StudyGenerator, layouts: Sequence[Layout], *, seed: int) -> list[Sampled]:
    """Objects by the sampler of `python -m train sample`; equal names get equal noise."""
    config = replace(SAMPLING, seed=seed)
    tasks = [Task(layout=layout) for layout in layouts]
    found = generate(generator, tasks, config=config)
    return [
        Sampled(layout=layout, latents=latents, looks=looks_of(latents))
        for layout, latents in zip(layouts, found, strict=True)
    ]


def mean_color(latent_V4hw: Tensor) -> Float64 | None:
    """(3,) float64 sRGB of a part without its background, of its image latent; None if it is empty.

    A cell is as much white as its last channel says that nothing was drawn there.
    """
    cells = (latent_V4hw.double().movedim(1, -1).reshape(-1, 4) + 1) / 2
    drawn = cells[:, 3].clamp(0, 1)
    if float(drawn.sum()) < 1:
        return None
    mean = (cells[:, :3].sum(dim=0) - (1 - drawn).sum()) / drawn.sum()
    return np.asarray(mean.cpu().numpy())


def color_of(mean: Float64 | None) -> tuple[str, bool]:
    """The name of the nearest colour, and whether it is a dark one."""
    if mean is None:
        return "none", False
    choices = [(name, is_dark) for name in COLORS for is_dark in (False, True)]
    distances = [
        float(np.linalg.norm(mean - _LIGHT * shaded(name, is_dark=is_dark)))
        for name, is_dark in choices
    ]
    return choices[int(np.argmin(distances))]


def brightness(mean: Float64 | None, color: str) -> float:
    """How bright a part is beside a light one of that colour; 0 of an empty one."""
    if mean is None:
        return 0.0
    light = _LIGHT * shaded(color, is_dark=False)
    return float(mean @ light / (light @ light))


def looks_of(latents: ObjectLatents) -> tuple[Look, ...]:
    """How the parts look."""
    assert latents.parts.geometry is not None
    assert latents.parts.images is not None
    solids = decode_solids(latents.parts.geometry)
    looks = []
    for solid, own in zip(solids, latents.parts.images, strict=True):
        mean = mean_color(own)
        color, is_dark = color_of(mean)
        looks.append(
            Look(
                color=color,
                is_dark=is_dark,
                brightness=brightness(mean, color),
                rgb=(1.0, 1.0, 1.0) if mean is None else tuple(mean.clip(0, 1).tolist()),
                solid=solid,
            )
        )
    return tuple(looks)
