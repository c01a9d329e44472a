"""Renders of painted scenes: each part is a set of pixels of one colour."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from partworks.artifacts.renders import PartOverlap, Renders, ViewCheck, pack

SOUND = ViewCheck(coverage=0.5, border=0.0, spread=99.0, magenta=0.0, brightness=99.0, flaws=())
AROUND = (0.0, 90.0, 180.0, 270.0)


def png(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    return buffer.getvalue()


def colored(labels: np.ndarray, colors: Sequence[tuple[int, int, int]]) -> np.ndarray:
    """(H, W, 4) uint8: a colour for each label, nothing where it is negative."""
    palette = np.array([*[(*color, 255) for color in colors], (0, 0, 0, 0)], np.uint8)
    return palette[labels]


def transforms(members: Sequence[str], azimuths: Sequence[float], parts: bool = False) -> bytes:
    frames = []
    for member, azimuth in zip(members, azimuths, strict=True):
        turn = np.radians(azimuth)
        matrix = np.eye(4)
        matrix[:3, 0] = np.cos(turn), 0, -np.sin(turn)
        matrix[:3, 2] = np.sin(turn), 0, np.cos(turn)
        matrix[:3, 3] = 3 * matrix[:3, 2]
        frame = {"file_path": member, "transform_matrix": matrix.tolist()}
        if parts:
            frame["part_file_path"] = member.replace(".png", ".part.png")
        frames.append(frame)
    return json.dumps({"frames": frames}).encode()


def painted(
    views: Sequence[np.ndarray],
    colors: Sequence[tuple[int, int, int]],
    *,
    alone: Mapping[str, Sequence[np.ndarray]] | None = None,
    flaws: Mapping[int, str] | None = None,
    with_pass: bool = True,
) -> bytes:
    """A renders zip.

    Args:
        views: (H, W) part of each pixel, -1 for nothing, around the object from the front.
        colors: of each part.
        alone: folder -> (H, W) pictures in the same way; by default parts have no pictures.
        flaws: of object views.
        with_pass: whether there is a part pass.
    """
    members: dict[str, bytes] = {}
    names = [f"object/{view:03d}.png" for view in range(len(views))]
    for name, labels in zip(names, views, strict=True):
        members[name] = png(colored(labels, colors))
        if with_pass:
            members[name.replace(".png", ".part.png")] = png((labels + 1).astype(np.uint16))
    members["object/transforms.json"] = transforms(names, AROUND[: len(views)], parts=with_pass)
    checks = {
        "object": [
            replace(SOUND, flaws=tuple(filter(None, [(flaws or {}).get(view, "")])))
            for view in range(len(views))
        ]
    }
    for folder, pictures in (alone or {}).items():
        names = [f"{folder}/{view:03d}.png" for view in range(len(pictures))]
        members |= {
            name: png(colored(labels, colors)) for name, labels in zip(names, pictures, strict=True)
        }
        members[f"{folder}/transforms.json"] = transforms(names, AROUND[: len(pictures)])
        checks[folder] = [SOUND] * len(pictures)
    good = [view for view in range(len(views)) if not (flaws or {}).get(view)]
    overlap = [overlap_of(views, part, good) for part in range(len(colors))]
    return pack(members, overlap=overlap, checks=checks, backend="raster")


def overlap_of(views: Sequence[np.ndarray], part: int, good: Sequence[int]) -> PartOverlap:
    pixels = [int((view == part).sum()) for view in views]
    best = max(good, key=lambda view: (pixels[view], -view)) if good else -1
    if best < 0 or not pixels[best]:
        best, box = -1, (-1, -1, -1, -1)
    else:
        rows, columns = np.nonzero(views[best] == part)
        box = (
            int(columns.min()),
            int(rows.min()),
            int(columns.max()) + 1,
            int(rows.max()) + 1,
        )
    return PartOverlap(
        pixels=tuple(pixels),
        shares=tuple(
            round(count / max(int((view >= 0).sum()), 1), 6)
            for count, view in zip(pixels, views, strict=True)
        ),
        best_view=best,
        box=box,
    )


def opened(data: bytes) -> Renders:
    return Renders(data)


def decoded(image: bytes) -> np.ndarray:
    """(H, W, 3) uint8."""
    with Image.open(io.BytesIO(image)) as picture:
        return np.asarray(picture.convert("RGB"))


def disc(size: int, center: tuple[float, float], radius: float) -> np.ndarray:
    rows, columns = np.mgrid[:size, :size] + 0.5
    inside: np.ndarray = (columns - center[0]) ** 2 + (rows - center[1]) ** 2 < radius**2
    return inside


def scene(size: int = 128) -> list[np.ndarray]:
    """Four views: a block (part 0) and a ball (1) that is seen from the front and one side.

    A third part is seen from nowhere.
    """
    views = []
    for ball in ((30.0, 40.0, 22.0), (90.0, 40.0, 12.0), None, None):
        labels = np.full((size, size), -1)
        labels[60:110, 14:114] = 0
        if ball is not None:
            labels[disc(size, ball[:2], ball[2])] = 1
        views.append(labels)
    return views
