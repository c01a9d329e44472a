"""What a generator would have made that does as it is told, and one that does not listen."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from train.denoiser.sample import ObjectLatents as Clean
from train.rendering.choice import choose_renderer
from train.sampling.denoising import Latents
from train.sampling.generation import ObjectLatents
from train.sampling.layout import Layout
from train.study.following import Made, other_objects, swappable, with_boxes
from train.study.latents import object_latents
from train.study.objects import MadeObject
from train.study.sampled import Sampled, looks_of


def clean(made: MadeObject, *, place: int = 0) -> Clean:
    renderer = choose_renderer("auto", torch.device("cpu"))
    return object_latents(made, place=place, renderer=renderer)


def as_sampled(latents: Clean, layout: Layout) -> Sampled:
    """True latents as those of a layout."""
    every = Latents(geometry=latents.geometry, images=latents.images)
    found = ObjectLatents(parts=every.rows(slice(0, -1)), whole=every.rows([len(every) - 1]))
    return Sampled(layout=layout, latents=found, looks=looks_of(found))


def obedient(objects: Sequence[MadeObject]) -> Made:
    """Everything as it was told."""
    return _made(objects, listens=True)


def deaf(objects: Sequence[MadeObject]) -> Made:
    """The same whatever was told."""
    return _made(objects, listens=False)


def _made(objects: Sequence[MadeObject], *, listens: bool) -> Made:
    pairs = [(row, *pair) for row, made in enumerate(objects) if (pair := swappable(made))]
    others = other_objects(objects)
    swapped = [(objects[row], objects[row].swapped(*pair)) for row, *pair in pairs]
    moved = [
        (made, with_boxes(made, objects[other]))
        for made, other in zip(objects, others, strict=True)
    ]
    return Made(
        plain=[as_sampled(clean(made), made.layout) for made in objects],
        swapped=[as_sampled(clean(new if listens else old), new.layout) for old, new in swapped],
        pairs=pairs,
        other_boxes=[as_sampled(clean(new if listens else old), new.layout) for old, new in moved],
        others=others,
    )
