"""Where each part is seen in the object's views, whatever is in front of it taken into account."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from partworks.artifacts.renders import PartOverlap

NOWHERE = (-1, -1, -1, -1)


def measure_overlap(part_images: Sequence[NDArray[np.int32]], count: int) -> list[PartOverlap]:
    """Visible pixels of each part per view, its best view, and its box there.

    The view with the most pixels of a part is the best for describing it (PartVerse's rule); among
    equals the first.

    Args:
        part_images: (H, W) int32 per view, -1 where no part is seen.
        count: number of parts.
    """
    pixels = np.array(
        [np.bincount(image[image >= 0], minlength=count) for image in part_images], np.int64
    ).reshape(len(part_images), count)
    return [_overlap(part_images, part, pixels[:, part]) for part in range(count)]


def _overlap(
    part_images: Sequence[NDArray[np.int32]], part: int, pixels: NDArray[np.int64]
) -> PartOverlap:
    best = int(pixels.argmax()) if pixels.any() else -1
    return PartOverlap(
        pixels=tuple(pixels.tolist()),
        best_view=best,
        box=NOWHERE if best < 0 else _box(part_images[best] == part),
    )


def _box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
