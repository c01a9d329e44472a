"""Views as WebP: which of those rendered a sample takes, and how they are encoded.

A sample has colour views alone, and only such as are without flaws.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from partworks.artifacts.renders import Renders
from partworks.artifacts.view_images import open_picture
from partworks.geometry.cameras import Camera, read_transforms


def spread(available: int, wanted: int) -> list[int]:
    """`wanted` of `available` views at even steps, the first among them; all if there are fewer."""
    count = min(available, wanted)
    return [index * available // count for index in range(count)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSet:
    """The chosen views of one folder of the renders.

    Attributes:
        folder: `object`, or that of a part.
        table: `transforms.json` with the chosen frames alone, each with its `view`, the number that
            it has in the renders.
    """

    folder: str
    table: dict[str, Any]

    @property
    def paths(self) -> list[str]:
        """The chosen views in the renders zip."""
        return [frame["file_path"] for frame in self.table["frames"]]

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """The cameras of the chosen views."""
        return read_transforms(self.table)

    def renamed(self, stem: str) -> dict[str, Any]:
        """The table for the sample's json: frame k lies at `<stem>.<kk>.webp`, without passes."""
        frames = [
            {**_without_passes(frame), "file_path": view_member(stem, index)}
            for index, frame in enumerate(self.table["frames"])
        ]
        return {**_without_passes(self.table), "frames": frames}


def view_member(stem: str, index: int) -> str:
    """The member, without the key, that holds a view: `part03.00.webp`."""
    return f"{stem}.{index:02d}.webp"


def _without_passes(table: dict[str, Any]) -> dict[str, Any]:
    """What a `transforms.json` or one of its frames says, save of passes."""
    return {
        name: value
        for name, value in table.items()
        if name != "depth_scale" and not name.endswith("_file_path")
    }


def choose_views(renders: Renders, folder: str, *, wanted: int) -> ViewSet:
    """Choose among the views without flaws of `object` or of a part's folder.

    A folder that was not rendered, or whose views all have flaws, has none.
    """
    if f"{folder}/transforms.json" not in renders.names:
        return ViewSet(folder=folder, table={"frames": []})
    table, sound = renders.transforms(folder), renders.sound_views(folder)
    numbers = [sound[index] for index in spread(len(sound), wanted)]
    chosen = [{**table["frames"][view], "view": view} for view in numbers]
    return ViewSet(folder=folder, table={**table, "frames": chosen})


def encode_view(data: bytes, *, quality: int, method: int) -> bytes:
    """Encode a rendered view, PNG or WebP, as WebP; alpha, where there is any, stays exact."""
    image = open_picture(data)
    mode = "RGBA" if "A" in image.getbands() else "RGB"
    return _webp(image.convert(mode), quality=quality, method=method, lossless=False)


def encode_drawing(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    """Encode (H, W, 3) uint8 without loss, so that each colour still names its part."""
    return _webp(Image.fromarray(pixels), quality=100, method=4, lossless=True)


def _webp(image: Image.Image, *, quality: int, method: int, lossless: bool) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=quality, alpha_quality=100, method=method, lossless=lossless)
    return buffer.getvalue()
