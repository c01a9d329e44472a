"""The contact sheet of an object's renders: its views side by side, its passes below them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from partworks.artifacts.renders import OBJECT, Renders
from partworks.artifacts.view_images import DROPPED, NOTHING
from partworks.report.palette import PALETTE, UNLABELLED

TILE = 116
MOST_VIEWS = 8
FLAW = (214, 40, 40, 255)
GAP = 4
_FRAME = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSheet:
    """A sheet and what is on it.

    Attributes:
        image: RGBA, a tile a view; the first row has the colours.
        views: how many it shows.
        flawed: how many of those have a flaw, and so a red frame.
        passes: what the rows below show, in order.
    """

    image: Image.Image
    views: int
    flawed: int
    passes: tuple[str, ...]


def make_contact_sheet(renders: Renders) -> ContactSheet:
    """The object's views, at even steps where there are many, with all of their passes.

    Raises:
        ValueError: a picture is damaged.
        KeyError: a picture is missing.
    """
    frames = renders.transforms(OBJECT)["frames"]
    sound = renders.sound_views(OBJECT)
    shown = min(len(frames), MOST_VIEWS)
    views = [index * len(frames) // shown for index in range(shown)]
    passes = tuple(name for name in _PAINTERS if name and f"{name}_file_path" in frames[0])
    step = TILE + GAP
    image = Image.new("RGBA", (shown * step - GAP, (1 + len(passes)) * step - GAP))
    for column, view in enumerate(views):
        for row, channel in enumerate(("", *passes)):
            painted = _PAINTERS[channel](renders.image(OBJECT, view, channel))
            tile = _tile(painted, smooth=channel not in ("part", "face"))
            if not channel and view not in sound:
                border = (0, 0, TILE - 1, TILE - 1)
                ImageDraw.Draw(tile).rectangle(border, outline=FLAW, width=_FRAME)
            image.paste(tile, (column * step, row * step))
    flawed = sum(view not in sound for view in views)
    return ContactSheet(image=image, views=shown, flawed=flawed, passes=passes)


def _tile(pixels: NDArray[np.uint8], *, smooth: bool) -> Image.Image:
    method = Image.Resampling.LANCZOS if smooth else Image.Resampling.NEAREST
    return Image.fromarray(pixels).resize((TILE, TILE), method)


def _with_alpha(color: NDArray[Any], there: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """(H, W, 4) uint8 of colours in [0, 1], transparent where nothing is."""
    alpha = np.broadcast_to(there[..., None], (*there.shape, 1))
    levels = np.where(there[..., None], np.rint(np.clip(color, 0, 1) * 255), 0)
    painted: NDArray[np.uint8] = np.concatenate([levels, alpha * 255], axis=-1).astype(np.uint8)
    return painted


def _paint_depth(depth: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Near is light, far is dark, over the range of the one view."""
    there = np.isfinite(depth)
    low, high = (depth[there].min(), depth[there].max()) if there.any() else (0.0, 1.0)
    light = 1 - 0.85 * (np.where(there, depth, high) - low) / max(high - low, 1e-9)
    return _with_alpha(np.repeat(light[..., None], 3, axis=-1), there)


def _paint_normal(normal: NDArray[np.float32]) -> NDArray[np.uint8]:
    return _with_alpha((normal + 1) / 2, normal.any(axis=-1))


def _paint_labels(labels: NDArray[np.int32]) -> NDArray[np.uint8]:
    colors = np.array([*PALETTE, UNLABELLED])
    index = np.where(labels == DROPPED, len(PALETTE), labels % len(PALETTE))
    return _with_alpha(colors[index] / 255, labels != NOTHING)


def _paint_position(position: NDArray[np.float32]) -> NDArray[np.uint8]:
    there = np.isfinite(position).all(axis=-1)
    return _with_alpha((np.where(there[..., None], position, 0) + 1) / 2, there)


def _paint_mask(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return _with_alpha(np.ones((*mask.shape, 3)), mask)


def _paint_boxes(boxes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return _with_alpha(boxes / 255, np.ones(boxes.shape[:2], bool))


def _as_it_is(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return picture


_PAINTERS: Mapping[str, Callable[[NDArray[Any]], NDArray[np.uint8]]] = {
    "": _as_it_is,
    "albedo": _as_it_is,
    "depth": _paint_depth,
    "normal": _paint_normal,
    "normal_camera": _paint_normal,
    "part": _paint_labels,
    "face": _paint_labels,
    "mask": _paint_mask,
    "position": _paint_position,
    "boxes": _paint_boxes,
}
