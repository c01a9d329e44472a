"""Where each part is seen in the object's views, whatever is in front of it taken into account."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects

from partworks.artifacts.renders import PartOverlap

Box = tuple[int, int, int, int]

NOWHERE: Box = (-1, -1, -1, -1)


class OverlapMeter:
    """Counts the visible pixels of each part, view by view.

    Args:
        count: number of parts.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._pixels: list[NDArray[np.int64]] = []
        self._whole: list[int] = []
        self._boxes: list[list[Box]] = []

    def add(self, part_image: NDArray[np.int32]) -> None:
        """Add the next view: (H, W) int32 part per pixel, negative where no part is seen.

        -1 is the background; any other negative value belongs to the object all the same.
        """
        seen = part_image[part_image >= 0]
        self._pixels.append(np.bincount(seen, minlength=self._count))
        self._whole.append(int((part_image != -1).sum()))
        slices = find_objects(np.maximum(part_image + 1, 0), max_label=self._count)
        self._boxes.append([_box(found) for found in slices])

    def overlaps(self, *, allowed: Collection[int]) -> list[PartOverlap]:
        """Each part's pixels, shares and best view.

        The view with the most pixels of a part is the best for describing it (PartVerse's rule);
        among equals the first.

        Args:
            allowed: the views that may be best, those that are fit to be looked at.
        """
        pixels = np.array(self._pixels, np.int64).reshape(len(self._pixels), self._count)
        shares = pixels / np.maximum(np.array(self._whole), 1)[:, None]
        candidates = np.where(np.isin(np.arange(len(pixels)), list(allowed))[:, None], pixels, 0)
        return [
            self._overlap(part, pixels[:, part], shares[:, part], candidates[:, part])
            for part in range(self._count)
        ]

    def _overlap(
        self,
        part: int,
        pixels: NDArray[np.int64],
        shares: NDArray[np.float64],
        candidates: NDArray[np.int64],
    ) -> PartOverlap:
        best = int(candidates.argmax()) if candidates.any() else -1
        return PartOverlap(
            pixels=tuple(pixels.tolist()),
            shares=tuple(np.round(shares, 6).tolist()),
            best_view=best,
            box=NOWHERE if best < 0 else self._boxes[best][part],
        )


def _box(found: tuple[slice, ...] | None) -> Box:
    if found is None:
        return NOWHERE
    rows, columns = found
    return int(columns.start), int(rows.start), int(columns.stop), int(rows.stop)
