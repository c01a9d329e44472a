"""The hint of the global branch: the boxes of parts as wireframes (CoPart, section 3.2.3).

They are drawn as the shards have them: on white, two pixels wide, hidden edges too, the colour by
the part's row.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from train.rendering.cameras import Cameras
from train.sampling.views import project

PALETTE: tuple[tuple[int, int, int], ...] = (
    (230, 25, 75),
    (0, 110, 220),
    (45, 160, 50),
    (245, 130, 48),
    (145, 30, 180),
    (0, 150, 160),
    (225, 50, 230),
    (128, 100, 0),
    (128, 0, 0),
    (0, 0, 128),
    (110, 110, 110),
    (255, 150, 180),
    (120, 190, 0),
    (0, 200, 240),
    (230, 190, 0),
    (0, 70, 60),
)
"""sRGB by row, those of the shards; longer objects start over."""

_WIDTH = 2
_CORNERS = np.array(list(product((0, 1), repeat=3)))
_EDGES = np.array(
    [pair for pair in combinations(range(8), 2) if np.ptp(_CORNERS[list(pair)], axis=0).sum() == 1]
)


def box_corners(boxes: NDArray[Any]) -> NDArray[np.float64]:
    """(N, 8, 3) float64 of (N, 2, 3) boxes."""
    low, high = np.moveaxis(np.asarray(boxes, np.float64), 1, 0)
    corners: NDArray[np.float64] = np.where(_CORNERS == 1, high[:, None], low[:, None])
    return corners


def wireframes(boxes: NDArray[Any], cameras: Cameras) -> NDArray[np.uint8]:
    """(V, H, W, 3) uint8 pictures of (N, 2, 3) boxes before the cameras, in float64."""
    corners = box_corners(boxes)
    pixels = project(corners.reshape(-1, 3), cameras)[..., :2]
    lines = pixels.reshape(len(cameras), len(boxes), 8, 2)[:, :, _EDGES]
    return np.stack([_drawn(view, cameras) for view in lines])


def _drawn(lines: NDArray[np.float64], cameras: Cameras) -> NDArray[np.uint8]:
    image = Image.new("RGB", (cameras.width, cameras.height), "white")
    draw = ImageDraw.Draw(image)
    for row, edges in enumerate(lines):
        for start, stop in edges:
            draw.line([*start, *stop], fill=PALETTE[row % len(PALETTE)], width=_WIDTH)
    return np.asarray(image)
