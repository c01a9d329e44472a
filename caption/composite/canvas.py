"""Pictures in a row, with arrows from one to the next."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from caption.composite.composite import Box, Point
from caption.composite.config import ImageFormat
from caption.composite.marks import draw_arrow
from caption.composite.panels import Panel
from caption.composite.shown import Shown

EDGE = 4
"""Pixels around and between pictures."""

REACH = 3
"""Pixels between the tip of an arrow and the part."""


class Canvas:
    """Panels in a row.

    Args:
        panels: squares of one size.
        gutter: pixels between them.
        background: grey level of what they leave free.

    Attributes:
        panels: where they stand.
        image: RGB.
    """

    def __init__(self, panels: list[Panel], *, gutter: int, background: int) -> None:
        side = panels[0].image.width
        self._sources = panels
        starts = [EDGE + index * (side + gutter) for index in range(len(panels))]
        self.panels: tuple[Box, ...] = tuple(
            (left, EDGE, left + side, EDGE + side) for left in starts
        )
        size = self.panels[-1][2] + EDGE, side + 2 * EDGE
        self.image = Image.new("RGB", size, (background,) * 3)
        for panel, place in zip(panels, self.panels, strict=True):
            self.image.paste(panel.image, place[:2])

    def place(self, index: int, box: Box) -> Box:
        """Where a box of the view in a panel lies on the canvas."""
        left, top = self.panels[index][:2]
        x0, y0, x1, y1 = self._sources[index].place(box)
        return left + x0, top + y0, left + x1, top + y1

    def point(self, boxes: list[Box], shown: Shown) -> tuple[Point, Point]:
        """Draw arrows from panel to panel, the last one up to the part alone, and return that."""
        for index in range(len(boxes) - 1):
            tip = self.panels[index + 1][0] - 1, self._middle(index + 1, boxes[index + 1])
            draw_arrow(self.image, self._tail(index, boxes[index]), tip)
        tail = self._tail(len(boxes) - 1, boxes[-1])
        tip = self._tip(tail, shown)
        draw_arrow(self.image, tail, tip)
        return tail, tip

    def encode(self, image: ImageFormat) -> bytes:
        """The picture as a file; the same pixels give the same bytes."""
        buffer = io.BytesIO()
        if image == "png":
            self.image.save(buffer, "PNG", compress_level=6)
        else:
            self.image.save(buffer, "WEBP", quality=90, method=4)
        return buffer.getvalue()

    def _middle(self, index: int, box: Box) -> int:
        placed = self.place(index, box)
        return (placed[1] + placed[3]) // 2

    def _tail(self, index: int, box: Box) -> Point:
        return self.panels[index][2] + EDGE, self._middle(index, box)

    def _tip(self, tail: Point, shown: Shown) -> Point:
        """A little before the pixel of the part that is nearest to the arrow's tail."""
        rows, columns = np.nonzero(shown.mask)
        points = self._sources[-1].place_points(np.stack([columns, rows], axis=1))
        points = points + np.array(self.panels[-1][:2])
        away = ((points - np.array(tail)) ** 2).sum(axis=1)
        target = points[away.argmin()]
        distance = float(np.sqrt(away.min()))
        x, y = np.rint(target - (target - np.array(tail)) * REACH / distance).astype(int).tolist()
        return x, y
