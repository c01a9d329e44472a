"""Pictures brought to one size, and where their pixels come to lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from caption.composite.composite import Box

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """A square picture with something in its middle.

    Attributes:
        image: RGB.
        crop: the piece of the view that is shown, in the view's pixels.
        pad: pixels around it at the left and at the top.
        scale: panel pixels per view pixel, along x and y.
    """

    image: Image.Image
    crop: Box
    pad: tuple[int, int]
    scale: tuple[float, float]

    def place(self, box: Box) -> Box:
        """Where a box of view pixels lies in the panel, grown to whole pixels."""
        low = self._placed(np.array([box[:2]], np.float64))[0]
        high = self._placed(np.array([box[2:]], np.float64))[0]
        x0, y0 = np.floor(low + 1e-6).astype(int).tolist()
        x1, y1 = np.ceil(high - 1e-6).astype(int).tolist()
        return x0, y0, x1, y1

    def place_points(self, points: NDArray[np.int64]) -> NDArray[np.int64]:
        """(N, 2) int64 panel pixels (x, y) that show the middles of view pixels (x, y), (N, 2)."""
        placed: NDArray[np.int64] = np.floor(self._placed(points + 0.5)).astype(np.int64)
        return placed

    def _placed(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        moved: NDArray[np.float64] = (points - self.crop[:2]) * np.array(self.scale) + self.pad
        return moved


def make_panel(
    picture: Picture, crop: Box, *, side: int, pad: int, most_scale: float, background: int
) -> Panel:
    """Scale a piece of a picture until it fills a square but for `pad` pixels on each side.

    Args:
        picture: (H, W, 3) uint8.
        crop: the piece, inside of the picture.
        side: of the square, in pixels.
        pad: left free around it.
        most_scale: the piece is not enlarged more than so much.
        background: grey level around it.
    """
    width, height = crop[2] - crop[0], crop[3] - crop[1]
    scale = min((side - 2 * pad) / longer_side(crop), most_scale)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    piece = np.ascontiguousarray(picture[crop[1] : crop[3], crop[0] : crop[2]])
    way = Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC
    image = Image.new("RGB", (side, side), (background,) * 3)
    image.paste(Image.fromarray(piece).resize(size, way), (left, top))
    return Panel(image=image, crop=crop, pad=(left, top), scale=(size[0] / width, size[1] / height))


def flatten(picture: Picture, *, background: int) -> Picture:
    """(H, W, 3) uint8: a picture with straight alpha (H, W, 4) over a grey."""
    alpha = picture[..., 3:].astype(np.int64)
    blended = picture[..., :3] * alpha + background * (255 - alpha)
    return ((blended + 127) // 255).astype(np.uint8)


def bounds(mask: Mask) -> Box | None:
    """The box of the true pixels of (H, W); None without any."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def longer_side(box: Box) -> int:
    """In pixels."""
    return max(box[2] - box[0], box[3] - box[1])


def square_around(box: Box, *, factor: float, least: int, size: tuple[int, int]) -> Box:
    """A square about a box, with `factor` times its longer side, moved into a picture.

    Args:
        box: of what is to be in the middle.
        factor: of its longer side.
        least: pixels that the square has at least, if the picture has them.
        size: width and height of the picture, which limit the square.
    """
    side = min(max(round(longer_side(box) * factor), least), *size)
    left, top = (
        min(max((box[axis] + box[axis + 2] - side) // 2, 0), size[axis] - side) for axis in (0, 1)
    )
    return left, top, left + side, top + side
