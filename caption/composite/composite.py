"""The picture that a captioner is shown, with what stands where in it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

Box = tuple[int, int, int, int]
"""(x0, y0, x1, y1) in pixels, upper bounds exclusive."""

Point = tuple[int, int]
"""(x, y) in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composite:
    """One picture for one caption; equal renders and settings give equal bytes.

    Attributes:
        image: an encoded PNG or WebP, RGB.
        width, height: in pixels.
        view: of the object that shows the part; -1 where none does, and for the whole.
        panels: where the pictures stand that it is made of, from left to right.
        box: bounds of the part's visible pixels in the first panel; None where it is not marked.
        alone: bounds of the part's pixels where it is shown alone; None for the whole.
        arrow: from where to where it points, the tip last; None where there is no arrow.
        visible_share: the part's share of what is seen of the object in that view, 0 to 1.
        pixels_of_part: visible pixels of the part in that view, as it was rendered.
        note: a sentence for the captioner on what is unusual in the picture; empty if nothing is.
    """

    image: bytes
    width: int
    height: int
    view: int
    panels: tuple[Box, ...]
    box: Box | None
    alone: Box | None
    arrow: tuple[Point, Point] | None
    visible_share: float
    pixels_of_part: int
    note: str

    @property
    def sha256(self) -> str:
        """Of the encoded picture, in hex."""
        return hashlib.sha256(self.image).hexdigest()

    @property
    def media_type(self) -> str:
        """`image/png` or `image/webp`, by the first bytes."""
        return "image/png" if self.image.startswith(b"\x89PNG") else "image/webp"
