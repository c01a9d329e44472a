"""What is drawn to show which part is meant: a box, a ring, an arrow."""

from __future__ import annotations

from math import hypot, sqrt

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from caption.composite.composite import Box, Point

RED = (230, 0, 0)
LINE = 3
"""Pixels that a line is wide, as in PartVerse's pictures."""

GAP = 2
"""Pixels between the part and the line around it."""

MARGIN = GAP + LINE
"""Pixels that a box with its line reaches beyond the part."""

HEAD = 20
"""Pixels from the tip of an arrow to the ends of its barbs, along the shaft."""

FADED = 0.3
"""What is left of the rest of the object beside a part in a ring."""


def grown(box: Box, margin: int) -> Box:
    """A box with a margin on all sides."""
    return box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin


def ring_around(box: Box) -> Box:
    """The bounds of an ellipse with its line around all of a box, which lies inside of the line."""
    inner = grown(box, GAP)
    across = tuple((inner[axis + 2] - inner[axis]) * (sqrt(2) - 1) / 2 for axis in (0, 1))
    x, y = (int(np.ceil(value)) + LINE for value in across)
    return inner[0] - x, inner[1] - y, inner[2] + x, inner[3] + y


def draw_box(image: Image.Image, box: Box) -> None:
    """A red line around a box, `GAP` pixels away."""
    ImageDraw.Draw(image).rectangle(_inclusive(grown(box, MARGIN)), outline=RED, width=LINE)


def draw_ring(image: Image.Image, box: Box) -> None:
    """A red ring around all of a box."""
    ImageDraw.Draw(image).ellipse(_inclusive(ring_around(box)), outline=RED, width=LINE)


def draw_arrow(image: Image.Image, tail: Point, tip: Point) -> None:
    """A red arrow whose point is at `tip`."""
    length = hypot(tip[0] - tail[0], tip[1] - tail[1])
    along = np.array([tip[0] - tail[0], tip[1] - tail[1]]) / max(length, 1e-9)
    head = min(HEAD, 0.6 * length)
    outline = _outline(np.array(tail), np.array(tip), along, head=head)
    points = [(int(x), int(y)) for x, y in np.rint(outline)]
    draw = ImageDraw.Draw(image)
    draw.polygon(points, fill=RED, outline=RED)


def _outline(
    tail: NDArray[np.int64], tip: NDArray[np.int64], along: NDArray[np.float64], *, head: float
) -> NDArray[np.float64]:
    """(7, 2) float64: the corners of an arrow."""
    across = np.array([-along[1], along[0]])
    neck = tip - along * head
    return np.array(
        [
            tail + across * LINE,
            neck + across * LINE,
            neck + across * head / 2,
            tip,
            neck - across * head / 2,
            neck - across * LINE,
            tail - across * LINE,
        ]
    )


def fade(picture: NDArray[np.uint8], kept: NDArray[np.bool_], *, background: int) -> None:
    """Blend all pixels of (H, W, 3) but the kept ones, (H, W), towards the background, in place.

    The part itself stays as it is: a tint would change what can be said of its colour.
    """
    rest = picture[~kept].astype(np.float64)
    picture[~kept] = np.rint(rest * FADED + background * (1 - FADED)).astype(np.uint8)


def _inclusive(box: Box) -> Box:
    """Pillow's shapes include their upper bounds."""
    return box[0], box[1], box[2] - 1, box[3] - 1
