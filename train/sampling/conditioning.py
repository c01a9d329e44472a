"""What the branches of an object are told: features of texts, tokens of boxes, wireframes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from train.encode.boxes import box_points
from train.sampling.denoising import Conditions
from train.sampling.generator import Generator, TextFeatures
from train.sampling.layout import Layout
from train.sampling.rounds import Round
from train.sampling.views import ring_cameras
from train.sampling.wireframes import box_corners, wireframes

_BOX_SEED = 0
"""Of the points on boxes: a box has the same tokens in every run."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ObjectConditions:
    """What an object's parts and its whole are told.

    Attributes:
        layout: of the object.
        boxes: (N, Tb, D) tokens of the parts' boxes, or None without geometry.
        box_images: (V, 4, h, w) latents of the wireframes of all boxes, or None without images.
    """

    layout: Layout
    boxes: Tensor | None
    box_images: Tensor | None

    def branch_names(self, each: Round) -> list[str]:
        """Of the parts of a round, and of the whole."""
        name = self.layout.name
        return [*(f"{name}/{self.layout.parts[row].name}" for row in each.rows), f"{name}/"]

    def texts(self, each: Round) -> list[str]:
        """Of the same."""
        return [*(self.layout.parts[row].prompt for row in each.rows), self.layout.text]


@torch.no_grad()
def object_conditions(generator: Generator, layout: Layout, *, points: int) -> ObjectConditions:
    """What hangs on the boxes alone, to be made once for all rounds.

    Args:
        points: on each box (CoPart, equation 5).
    """
    boxes, sizes = layout.fitted_boxes, generator.sizes
    tokens = hints = None
    if sizes.geometry is not None:
        drawn = np.random.default_rng(_BOX_SEED)
        surface = np.stack([box_points(box, count=points, generator=drawn) for box in boxes])
        tokens = generator.encode_points(torch.from_numpy(surface).to(generator.device))
    if sizes.images is not None:
        cameras = ring_cameras(
            box_corners(boxes).reshape(-1, 3), views=sizes.images[0], pixels=sizes.pixels
        )
        pictures = torch.from_numpy(wireframes(boxes, cameras)).float() / 255
        hints = generator.encode_images(pictures[None].to(generator.device))[0]
    return ObjectConditions(layout=layout, boxes=tokens, box_images=hints)


@torch.no_grad()
def packed_conditions(
    generator: Generator, objects: list[tuple[ObjectConditions, Round]]
) -> Conditions:
    """Those of a round of each of some objects, packed along the first axis."""
    names = [name for own, each in objects for name in own.branch_names(each)]
    texts = [text for own, each in objects for text in own.texts(each)]
    dropped = generator.text_features([""])
    boxes = [_padded(own.boxes[list(each.rows)]) for own, each in objects if own.boxes is not None]
    hints = [own.box_images for own, _ in objects if own.box_images is not None]
    return Conditions(
        names=tuple(names),
        counts=tuple(len(each.rows) + 1 for _, each in objects),
        text=generator.text_features(texts),
        dropped_text=TextFeatures(
            tokens=dropped.tokens.expand(len(names), -1, -1),
            mask=dropped.mask.expand(len(names), -1),
        ),
        boxes=torch.cat(boxes) if boxes else None,
        box_images=torch.stack(hints) if hints else None,
    )


def _padded(boxes_NTD: Tensor) -> Tensor:
    """With a row of no meaning for the whole."""
    return torch.cat([boxes_NTD, torch.zeros_like(boxes_NTD[:1])])
