"""Pictures of labels: an object in flat colours, one a label, with light, borders and boxes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from math import ceil, radians
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from partworks.geometry.cameras import Camera, bounding_sphere, direction, ring
from partworks.geometry.mesh import Mesh
from partworks.geometry.visibility import EmbreeCaster, Visibility
from partworks.report.palette import (
    BACKGROUND,
    PALETTE,
    UNLABELLED,
    Color,
    borders,
    choose_colors,
)

SIZE = 256
SUPERSAMPLE = 2
FRONT = direction(radians(40.0), radians(25.0))
"""The direction, seen from the object, from which most objects are best understood."""

_AMBIENT = 0.5
_BORDER = 0.55
_LINE_ROOM = 8
_GREY = np.array([(196, 199, 204)], np.float32)
_CORNERS = np.array(list(itertools.product((0, 1), repeat=3)))
_EDGES = [
    (start, stop)
    for start, stop in itertools.combinations(range(8), 2)
    if np.abs(_CORNERS[start] - _CORNERS[stop]).sum() == 1
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """An object as one camera sees it, with `SUPERSAMPLE`² rays a pixel."""

    camera: Camera
    seen: Visibility


def default_camera(mesh: Mesh) -> Camera:
    """A camera that sees the whole object from `FRONT`."""
    center, radius = bounding_sphere(mesh.vertices)
    (camera,) = ring(
        1,
        elevation=radians(25.0),
        azimuth_offset=radians(40.0),
        center=center,
        radius=radius,
        size=SIZE,
    )
    return camera


def look_at_object(mesh: Mesh, camera: Camera) -> Look:
    """Cast one camera, whose own size does not matter, on an object."""
    square = Camera(
        camera_to_world=camera.camera_to_world,
        fov_y=camera.fov_y,
        width=SIZE * SUPERSAMPLE,
        height=SIZE * SUPERSAMPLE,
    )
    return Look(camera=square, seen=EmbreeCaster(mesh.vertices, mesh.faces).cast(square))


def paint_labels(
    look: Look, face_labels: NDArray[np.int32], *, count: int
) -> tuple[Image.Image, list[Color]]:
    """(SIZE, SIZE) RGBA picture, and the colour of each of `count` labels.

    Args:
        face_labels: (F,) 0…count-1, -1 = none.
    """
    hit = look.seen.hit
    labels = np.full(hit.shape, BACKGROUND, np.int32)
    labels[hit] = face_labels[look.seen.face_id[hit]]
    chosen = choose_colors(labels, count)
    table = np.array([*PALETTE, UNLABELLED], np.float32)
    colors = table[np.append(chosen, len(PALETTE))[np.maximum(labels, -1)]]
    shade = _light(look)
    shade[borders(labels)] *= _BORDER
    picture = _pixels(colors * shade[..., None], hit).reduce(SUPERSAMPLE)
    return picture, [PALETTE[index] for index in chosen]


def paint_boxes(look: Look, boxes: NDArray[Any], colors: list[Color]) -> Image.Image:
    """(SIZE, SIZE) RGBA picture: the object in grey, and wireframes of (P, 2, 3) boxes.

    A box with an infinite side, of a part without faces, is left out.
    """
    whole = np.isfinite(boxes).all(axis=(1, 2))
    corners = np.where(_CORNERS == 1, boxes[whole, None, 1], boxes[whole, None, 0])
    places = look.camera.project(corners.reshape(-1, 3))[:, :2].reshape(-1, 8, 2)
    side = look.camera.width
    margin = _margin(places, side)
    canvas = Image.new("RGBA", (side + 2 * margin, side + 2 * margin))
    canvas.paste(_pixels(_GREY * _light(look)[..., None], look.seen.hit), (margin, margin))
    draw = ImageDraw.Draw(canvas)
    width = round(1.5 * canvas.width / SIZE)
    for place, color in zip(places + margin, itertools.compress(colors, whole), strict=True):
        if np.isfinite(place).all():
            for start, stop in _EDGES:
                draw.line([*place[start], *place[stop]], fill=(*color, 255), width=width)
    return canvas.resize((SIZE, SIZE), Image.Resampling.BOX)


def _margin(places: NDArray[np.float64], side: int) -> int:
    """Pixels that lines need around a picture: a ball fills the frame, its box needs more.

    No more than the picture's own side, for a camera may stand anywhere.
    """
    known = places[np.isfinite(places)]
    beyond = float(max(-known.min(initial=side), known.max(initial=0) - side)) + _LINE_ROOM
    return min(max(ceil(beyond), 0), side)


def _light(look: Look) -> NDArray[np.float32]:
    """(H, W) float32: brightness under a lamp a little to the left above the camera."""
    rotation = look.camera.rotation
    lamp = rotation @ np.array([-0.35, 0.5, 1.0])
    lamp = lamp / np.linalg.norm(lamp)
    facing = (look.seen.normal @ lamp.astype(np.float32)).clip(0, 1)
    light: NDArray[np.float32] = _AMBIENT + (1 - _AMBIENT) * facing
    return light


def _pixels(colors: NDArray[np.float32], hit: NDArray[np.bool_]) -> Image.Image:
    rgba = np.zeros((*hit.shape, 4), np.uint8)
    rgba[..., :3] = np.where(hit[..., None], colors.clip(0, 255), 0)
    rgba[..., 3] = 255 * hit
    return Image.fromarray(rgba)
