"""Pictures of true and predicted normal maps beside one another."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Float32 = NDArray[np.float32]

_MARGIN = 8
_LINE = 18
_FONT = 13
_LABEL_WIDTH = 150


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PictureRow:
    """A part, or an object.

    Attributes:
        label: lines of text at its left.
        true: (N, H, W, 3) normal maps, 0 in the background.
        predicted: of the same shape.
    """

    label: str
    true: Float32
    predicted: Float32


def normals_as_picture(normals: Float32) -> NDArray[np.uint8]:
    """(H, W, 3) uint8: channels (n + 1) / 2, white where normals are 0."""
    seen = (normals != 0).any(axis=-1, keepdims=True)
    colors = np.where(seen, (normals + 1) / 2, 1.0)
    picture: NDArray[np.uint8] = np.rint(255 * colors.clip(0, 1)).astype(np.uint8)
    return picture


def side_by_side(rows: Sequence[PictureRow]) -> bytes:
    """A PNG with one row per part: its label, then for each view the true and predicted map.

    Raises:
        ValueError: there is no row, or their maps differ in shape.
    """
    shapes = {maps.shape for row in rows for maps in (row.true, row.predicted)}
    if len(shapes) != 1:
        raise ValueError(f"expected rows of maps of one shape, found {sorted(shapes)}")
    ((views, height, width, _),) = shapes
    step_x, step_y = 2 * width + 2 * _MARGIN, max(height, 3 * _LINE) + _MARGIN
    size = (_LABEL_WIDTH + views * step_x + _MARGIN, 2 * _LINE + _MARGIN + len(rows) * step_y)
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(_FONT)
    for view in range(views):
        left = _LABEL_WIDTH + view * step_x
        draw.text((left, 4), f"view {view}", fill="black", font=font)
        for place, title in enumerate(("truth", "prediction")):
            draw.text((left + place * width, 4 + _LINE), title, fill="dimgray", font=font)
    for index, row in enumerate(rows):
        top = 2 * _LINE + _MARGIN + index * step_y
        draw.multiline_text((_MARGIN, top), row.label, fill="black", font=font)
        for view in range(views):
            for place, maps in enumerate((row.true, row.predicted)):
                corner = (_LABEL_WIDTH + view * step_x + place * width, top)
                sheet.paste(Image.fromarray(normals_as_picture(maps[view])), corner)
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()
