"""Made objects as the denoisers are trained on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from train.denoiser.sample import ObjectLatents
from train.rendering.base import Renderer
from train.sampling.conditioning import object_conditions
from train.study.codec import encode_solids
from train.study.generator import PIXELS, VIEWS, StudyGenerator
from train.study.objects import MadeObject
from train.study.pictures import pictures

BOX_POINTS = 256


def object_latents(made: MadeObject, *, place: int, renderer: Renderer) -> ObjectLatents:
    """Clean latents of an object and what its branches are told, by the codes of sampling.

    Args:
        place: of the object in its set.
        renderer: for the CPU.
    """
    generator, layout = StudyGenerator(), made.layout
    drawn = [
        pictures(mesh, colors, views=VIEWS, pixels=PIXELS, renderer=renderer)
        for mesh, colors in made.colored()
    ]
    conditions = object_conditions(generator, layout, points=BOX_POINTS)
    *text, null = generator.words.encode([*(part.text for part in made.parts), made.text, ""])
    return ObjectLatents(
        key=made.name,
        place=place,
        geometry=encode_solids([*made.solids, made.whole]),
        images=generator.encode_images(torch.from_numpy(np.stack(drawn))),
        text=tuple(text),
        null_text=null,
        boxes=conditions.boxes,
        box_images=conditions.box_images,
    )


def all_latents(objects: Sequence[MadeObject], *, renderer: Renderer) -> list[ObjectLatents]:
    """Those of a set of objects."""
    return [
        object_latents(made, place=place, renderer=renderer) for place, made in enumerate(objects)
    ]
