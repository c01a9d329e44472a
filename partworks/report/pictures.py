"""Small pictures as data URIs, and those that are cut from a renders zip."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from partworks.artifacts.renders import Renders, part_folder
from partworks.geometry.cameras import Camera, read_transforms
from partworks.report.colouring import FRONT

VIEW = 256
SHEET_TILE = 116
SHEET_VIEWS = 8
PART = 112
_GAP = 4
_MAX_PIXELS = 1 << 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image of the page: a WebP as data URI, its size in pixels, and what it shows."""

    uri: str
    width: int
    height: int
    alt: str


def inline(image: Image.Image, *, alt: str) -> Picture:
    """Encode an RGBA image, equal pixels giving equal bytes."""
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=82, alpha_quality=90, method=4)
    text = base64.b64encode(buffer.getvalue()).decode("ascii")
    return Picture(
        uri=f"data:image/webp;base64,{text}", width=image.width, height=image.height, alt=alt
    )


def thumbnail(data: bytes, *, size: int) -> Image.Image:
    """(size, size) RGBA: an encoded picture, scaled to fit and centred.

    Raises:
        ValueError: it has an absurd number of pixels.
    """
    with Image.open(io.BytesIO(data), formats=("PNG",)) as source:
        if source.width * source.height > _MAX_PIXELS:
            raise ValueError(f"a view has {source.width} × {source.height} pixels")
        scale = size / max(source.size)
        fitted = (max(1, round(source.width * scale)), max(1, round(source.height * scale)))
        small = source.convert("RGBA").resize(fitted, Image.Resampling.LANCZOS, reducing_gap=2.0)
    canvas = Image.new("RGBA", (size, size))
    canvas.paste(small, ((size - fitted[0]) // 2, (size - fitted[1]) // 2))
    return canvas


class RenderedViews:
    """What the page shows of a renders zip.

    Attributes:
        front: the view of the object that is nearest to `FRONT`.
        camera: its camera.
    """

    def __init__(self, renders: Renders) -> None:
        self._renders = renders
        self._cameras = _cameras(renders, "object")
        self._paths = renders.views("object")
        self.front = nearest_view(self._cameras, -FRONT)
        self.camera = self._cameras[self.front]

    def object_view(self) -> Image.Image:
        """The front view of the object."""
        return thumbnail(self._renders.read(self._paths[self.front]), size=VIEW)

    def sheet(self) -> tuple[Image.Image, int]:
        """Views side by side, at even steps where there are many; and how many they are."""
        shown = min(len(self._paths), SHEET_VIEWS)
        chosen = [self._paths[index * len(self._paths) // shown] for index in range(shown)]
        width = shown * (SHEET_TILE + _GAP) - _GAP
        canvas = Image.new("RGBA", (width, SHEET_TILE))
        for index, path in enumerate(chosen):
            tile = thumbnail(self._renders.read(path), size=SHEET_TILE)
            canvas.paste(tile, (index * (SHEET_TILE + _GAP), 0))
        return canvas, shown

    def part_view(self, part: int) -> Image.Image | None:
        """A part alone, from the side from which the object shows most of it.

        None where it was rendered in no view.
        """
        folder = part_folder(part)
        if f"{folder}/transforms.json" not in self._renders.names:
            return None
        cameras = _cameras(self._renders, folder)
        if not cameras:
            return None
        best = self._renders.overlap[part].best_view
        seen_from = self._cameras[best if 0 <= best < len(self._cameras) else self.front]
        path = self._renders.views(folder)[nearest_view(cameras, seen_from.forward)]
        return thumbnail(self._renders.read(path), size=PART)


def nearest_view(cameras: Sequence[Camera], forward: NDArray[np.float64]) -> int:
    """The camera whose viewing direction is nearest to `forward`, (3,) unit."""
    return int(np.argmax([camera.forward @ forward for camera in cameras]))


def _cameras(renders: Renders, folder: str) -> tuple[Camera, ...]:
    return read_transforms(renders.transforms(folder))
