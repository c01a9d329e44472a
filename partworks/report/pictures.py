"""Small pictures as data URIs, and those that are cut from a renders zip."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from partworks.artifacts.renders import OBJECT, Renders, part_folder
from partworks.artifacts.view_images import open_picture
from partworks.geometry.cameras import Camera, read_transforms
from partworks.report.colouring import FRONT
from partworks.report.contact_sheet import ContactSheet, make_contact_sheet

VIEW = 256
PART = 112


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
        ValueError: it is no PNG or WebP, is damaged, or has an absurd number of pixels.
    """
    source = open_picture(data)
    scale = size / max(source.size)
    fitted = (max(1, round(source.width * scale)), max(1, round(source.height * scale)))
    small = source.convert("RGBA").resize(fitted, Image.Resampling.LANCZOS, reducing_gap=2.0)
    canvas = Image.new("RGBA", (size, size))
    canvas.paste(small, ((size - fitted[0]) // 2, (size - fitted[1]) // 2))
    return canvas


class RenderedViews:
    """What the page shows of a renders zip.

    Attributes:
        front: the view of the object that is nearest to `FRONT`, among those without flaws.
        camera: its camera.
    """

    def __init__(self, renders: Renders) -> None:
        self._renders = renders
        self._cameras = _cameras(renders, OBJECT)
        self._paths = renders.views(OBJECT)
        self._sound = renders.sound_views(OBJECT)
        among = self._sound or range(len(self._cameras))
        self.front = among[nearest_view([self._cameras[view] for view in among], -FRONT)]
        self.camera = self._cameras[self.front]

    def object_view(self) -> Image.Image:
        """The front view of the object."""
        return thumbnail(self._renders.read(self._paths[self.front]), size=VIEW)

    def sheet(self) -> ContactSheet:
        """Views side by side, with their passes."""
        return make_contact_sheet(self._renders)

    def part_view(self, part: int) -> Image.Image | None:
        """A part alone, from the side from which the object shows most of it.

        None where it was rendered in no view, or in none without flaws.
        """
        folder = part_folder(part)
        sound = self._renders.sound_views(folder)
        if f"{folder}/transforms.json" not in self._renders.names or not sound:
            return None
        cameras = _cameras(self._renders, folder)
        best = self._renders.overlap[part].best_view
        seen_from = self._cameras[best if 0 <= best < len(self._cameras) else self.front]
        view = sound[nearest_view([cameras[each] for each in sound], seen_from.forward)]
        return thumbnail(self._renders.read(self._renders.views(folder)[view]), size=PART)


def nearest_view(cameras: Sequence[Camera], forward: NDArray[np.float64]) -> int:
    """The camera whose viewing direction is nearest to `forward`, (3,) unit."""
    return int(np.argmax([camera.forward @ forward for camera in cameras]))


def _cameras(renders: Renders, folder: str) -> tuple[Camera, ...]:
    return read_transforms(renders.transforms(folder))
