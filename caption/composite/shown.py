"""A part alone, as its own pictures show it or else as it can be cut out of an object view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from caption.composite.composite import Box
from caption.composite.panels import Mask, bounds, flatten
from caption.views import BLANK, Views
from partworks.artifacts.renders import OBJECT

CUT_OUT = "The right picture shows only what can be seen of the part, cut out of the left picture."
CROPPED = "The right picture is a detail of the left one, with what surrounds the part."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """A picture of a part alone.

    Attributes:
        picture: (H, W, 3) uint8 over the background.
        mask: (H, W) bool: where the part is.
        box: of the mask.
        background: grey level around it.
        note: what is unusual in it; empty if nothing is.
    """

    picture: NDArray[np.uint8]
    mask: Mask
    box: Box
    background: int
    note: str


def show_alone(views: Views, part: int, *, view: int, background: int) -> Shown | None:
    """The best picture of a part alone; None where there is none.

    Args:
        views: of the object.
        part: its number.
        view: the object view that shows it best, or -1.
        background: grey level behind it.
    """
    found = views.alone(part, towards=view)
    if found is not None:
        picture = views.color(*found)
        solid = picture[..., 3] > 0
        return _shown(flatten(picture, background=background), solid, background=background)
    if view < 0:
        return None
    picture = flatten(views.color(OBJECT, view), background=background)
    mask = views.part_mask(view, part)
    if mask is None:
        return _cropped(picture, views.renders.overlap[part].box, background=background)
    if mask.sum() < BLANK:
        return None
    alone = np.where(mask[..., None], picture, np.uint8(background))
    return _shown(alone, mask, background=background, note=CUT_OUT)


def _cropped(picture: NDArray[np.uint8], box: Box, *, background: int) -> Shown:
    mask = np.zeros(picture.shape[:2], np.bool_)
    mask[box[1] : box[3], box[0] : box[2]] = True
    return _shown(picture, mask, background=background, note=CROPPED)


def _shown(picture: NDArray[np.uint8], mask: Mask, *, background: int, note: str = "") -> Shown:
    box = bounds(mask)
    assert box is not None
    return Shown(picture=picture, mask=mask, box=box, background=background, note=note)
