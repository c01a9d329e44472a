"""The points of a sample: on parts, on the object, on sharp edges and on boxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shards.box_points import sample_box
from shards.farthest import farthest_order
from shards.selection import Selection
from shards.sharp import sample_sharp
from shards.surface import Surface

MAX_POINTS = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsConfig:
    """How many points a sample has.

    Attributes:
        part_points: even points on each part.
        object_points: even points on the whole object.
        sharp_points: points on the sharp edges of each part, and as many of the object (Dora).
        sharp_angle: degrees between two faces from which on their edge is sharp.
        farthest: rows of each part's and the object's even points, in farthest-point order.
        box_points: even points on each part's box.
    """

    part_points: int = 4096
    object_points: int = 16384
    sharp_points: int = 0
    sharp_angle: float = 30.0
    farthest: int = 0
    box_points: int = 0

    def __post_init__(self) -> None:
        fewest = min(self.part_points, self.object_points)
        for setting, low, high in (
            ("part_points", 1, MAX_POINTS),
            ("object_points", 1, MAX_POINTS),
            ("sharp_points", 0, MAX_POINTS),
            ("sharp_angle", 0, 180),
            ("farthest", 0, fewest),
            ("box_points", 0, MAX_POINTS),
        ):
            value = getattr(self, setting)
            if not low <= value <= high:
                raise ValueError(f"shards.points.{setting} is {value}, expected {low} to {high}")


def sample_points(
    surface: Surface,
    selection: Selection,
    *,
    config: PointsConfig,
    generator: np.random.Generator,
) -> dict[str, NDArray[Any]]:
    """The arrays of `points.npz`, in the object frame.

    What is always there is drawn first, and the object before its parts, so that these points stay
    when an option is added or another number of parts is kept.

    Args:
        surface: all faces of the object.
        selection: P parts, in sample order; P > 0.

    Returns:
        part_surface: (P, N, 6) float32 points and unit normals of faces; object_surface: (K, 6).
        part_box: (P, 2, 3) float32 lower and upper corner.
        part_center: (P, 3), part_scale: (P,) float32; `(x - center) / scale` takes a part to
        [-1, 1].
        part_sharp: (P, M, 6), object_sharp: (M, 6) float32, see `sample_sharp`, if asked for.
        box_surface: (P, B, 6) float32, see `sample_box`, if asked for.
        part_farthest: (P, T), object_farthest: (T,) int32 rows of `part_surface` and
        `object_surface`, if asked for.
    """
    parts = selection.kept
    every = np.arange(len(surface.faces))
    whole = surface.sample(every, count=config.object_points, generator=generator)
    own = [
        surface.sample(part.faces, count=config.part_points, generator=generator) for part in parts
    ]
    arrays: dict[str, NDArray[Any]] = {
        "part_surface": np.stack(own),
        "object_surface": whole,
        "part_box": np.stack([part.box for part in parts]).astype(np.float32),
        "part_center": np.stack([part.center for part in parts]).astype(np.float32),
        "part_scale": np.array([part.scale for part in parts], np.float32),
    }
    if config.sharp_points:
        object_sharp, *part_sharp = (
            sample_sharp(
                surface,
                chosen,
                count=config.sharp_points,
                angle=config.sharp_angle,
                generator=generator,
            )
            for chosen in (every, *(part.faces for part in parts))
        )
        arrays |= {"part_sharp": np.stack(part_sharp), "object_sharp": object_sharp}
    if config.box_points:
        count = config.box_points
        boxes = [sample_box(part.box, count=count, generator=generator) for part in parts]
        arrays["box_surface"] = np.stack(boxes)
    if config.farthest:
        orders = [farthest_order(points[:, :3], config.farthest) for points in own]
        arrays["part_farthest"] = np.stack(orders)
        arrays["object_farthest"] = farthest_order(whole[:, :3], config.farthest)
    return arrays
